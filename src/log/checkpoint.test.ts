import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkpointText, originOf, parseCheckpointText, parseOrigin } from '#log/checkpoint.ts';
import { emptyRoot } from '#log/tree.ts';

const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';

test('a checkpoint comes back from its text, and its text from the checkpoint', () => {
  const size = fc.oneof(fc.nat(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z0-9./-]{1,40}$/),
      size,
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (origin, size, hash) => {
        const checkpoint = { origin, size, root: size === 0 ? emptyRoot : hash };
        const parsed = parseCheckpointText(checkpointText(checkpoint));
        assert.ok(parsed.ok);
        assert.equal(checkpointText(parsed.value), checkpointText(checkpoint));
        assert.deepEqual({ ...parsed.value, root: parsed.value.root.toHex() }, { ...checkpoint, root: checkpoint.root.toHex() });
      },
    ),
  );
});

test('a text that is not the one form of its checkpoint is refused', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['', 'checkpoint.form'],
    [`a\n1\n${root}`, 'checkpoint.form'],
    [`a\n1\n${root}\nextension\n`, 'checkpoint.form'],
    [`a\n1\n${root}\n\n`, 'checkpoint.form'],
    [`\n1\n${root}\n`, 'checkpoint.origin'],
    [`a b\n1\n${root}\n`, 'checkpoint.origin'],
    [`a+b\n1\n${root}\n`, 'checkpoint.origin'],
    [`a\n01\n${root}\n`, 'checkpoint.size'],
    [`a\n-1\n${root}\n`, 'checkpoint.size'],
    [`a\n+1\n${root}\n`, 'checkpoint.size'],
    [`a\n1.0\n${root}\n`, 'checkpoint.size'],
    [`a\n1e3\n${root}\n`, 'checkpoint.size'],
    [`a\n \n${root}\n`, 'checkpoint.size'],
    [`a\n9007199254740992\n${root}\n`, 'checkpoint.size'],
    [`a\n18446744073709551615\n${root}\n`, 'checkpoint.size'],
    [`a\n1\n${root.slice(0, -1)}\n`, 'bytes.base64'],
    [`a\n1\n${root.replace('/', '_')}\n`, 'bytes.base64'],
    ['a\n1\nAAAA\n', 'checkpoint.form'],
    [`a\n0\n${root}\n`, 'checkpoint.form'],
  ];
  for (const [text, code] of wrong) {
    const parsed = parseCheckpointText(text);
    assert.equal(parsed.ok ? 'accepted' : parsed.refusal.code, code, JSON.stringify(text));
  }
});

test('an origin names host, circle and status, and nothing else is one of ours', () => {
  const parts = { host: 'cn.anshin.example', circle: 'us-cn', status: 'exercise' } as const;
  assert.equal(originOf(parts), 'cn.anshin.example/us-cn/exercise');
  assert.deepEqual(parseOrigin(originOf(parts)), { ok: true, value: parts });
  for (const origin of ['', 'a/b', 'a/b/real', 'a/b/test/', '/b/test', 'A/b/test', 'a/b c/test', 'a/b/test\n', 'a//test']) {
    const parsed = parseOrigin(origin);
    assert.equal(parsed.ok ? 'accepted' : parsed.refusal.code, 'checkpoint.origin', origin);
  }
});
