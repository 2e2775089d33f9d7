import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concernText } from '#centre/concern/concern.ts';

test('a path on which no heartbeat ever came says so in words, in each language', () => {
  const silent = { kind: 'path-silent', peer: 'CN', paths: ['next'], times: { heard: null } } as const;
  assert.match(concernText(silent, 'en').what, /last heartbeat: none since this centre was started\.$/);
  assert.match(concernText(silent, 'zh').what, /本中心启动以来尚无。$/);
  assert.match(concernText(silent, 'ja').what, /このセンターの起動以来なし。$/);
});
