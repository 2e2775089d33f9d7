// Text and values that programs have stumbled over. Written as escapes: what they do to an editor is the point of them.

/** Unicode of every evil kind, and other text that some layer takes for something else. */
export const evilTexts: readonly string[] = [
  '\u0000', // NUL
  '\u0009',
  '\u000b',
  '\u001b[31m', // a terminal's escape sequence
  '\u007f',
  '\u0085', // next line
  '\u009b31m', // the same in one C1 control
  '\u00ad', // soft hyphen
  '\u061c', // bidirectional controls
  '\u200e',
  '\u202e',
  '\u2066',
  '\u2069',
  '\u2028', // line separators of JavaScript
  '\u2029',
  '\u200b', // zero width
  '\u200d',
  '\u3164', // a letter that is not seen
  '\ufeff', // byte order mark
  '\ufffe', // noncharacters
  '\uffff',
  '\ufdd0',
  '\u{1ffff}',
  '\u{10ffff}',
  '\ufffd',
  '\ud800', // halves of surrogate pairs; encoded as the replacement character unless the test writes them as escapes
  '\\ud800',
  '\\udfff\\ud800',
  '\\u0000',
  'e\u0301', // one letter, written in two ways
  '\u00e9',
  'a\u0300'.repeat(300), // a flood of combining characters
  '\u0300'.repeat(1_000),
  '\u{1d400}', // letters that look like others
  '\u0430',
  '\u{e0041}', // tags, which are not seen
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  '\ufdfa'.repeat(200), // one character that is eighteen when decomposed
  'İ', // grows when its case is changed
  'ß',
  '__proto__',
  'constructor',
  '"',
  '\\',
  "'",
  '\n',
  '\r\n',
  '\n\n',
  '— ',
  '%00',
  '%n',
  '${7*7}',
  '../../../etc/passwd',
  '<script>',
  '{{',
  '\u2044',
  'a'.repeat(5_000),
  '0'.repeat(5_000),
  ' '.repeat(5_000),
];

/** Bytes that are no UTF-8, or that a careless decoder takes for something else. */
export const evilBytes: readonly Uint8Array[] = [
  'c080', // NUL, overlong
  'c0af', // a slash, overlong in three lengths
  'e080af',
  'f08080af',
  'c1bf',
  'eda080', // half a surrogate pair
  'eda080edb080', // both halves, each by itself
  'f4908080', // beyond the last code point
  'f8888080af',
  'fe',
  'ff',
  '80',
  'efbbbf', // byte order mark
  'efbfbe',
  'e2',
  'f09f98',
].map((hex) => Uint8Array.fromHex(hex));

/** Values in place of any other. */
export const evilValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  0.5,
  1e21,
  1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  '',
  [],
  {},
  [[]],
  [null],
  'Z',
  'actual',
  '0000-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '2024-02-30T00:00:00.000Z',
  '2024-09-25T00:20:00.000+08:00',
  'P9999DT99999H9999999M',
  '0'.repeat(64),
  'f'.repeat(64),
  'cn.anshin.example/us-cn/test',
  'us.anshin.example/us-cn/actual',
  'x'.repeat(17_000),
  Array(3_000).fill(0),
  '\ud800',
  '\u0000',
  '\u202eabc',
  '\ufeff',
  '\uffff',
  'e\u0301',
];
