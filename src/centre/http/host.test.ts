import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHost, checkListen } from '#centre/http/host.ts';

test('plain HTTP is for this machine alone', () => {
  for (const host of ['127.0.0.1', '127.5.5.5', '::1', 'localhost'])
    assert.equal(checkListen({ host, port: 1 }, false).ok, true, host);
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'cn.example', '127.0.0.1.example', '']) {
    assert.equal(checkListen({ host, port: 1 }, false).ok, false, host);
    assert.equal(checkListen({ host, port: 1 }, true).ok, true, host);
  }
});

test('a request is for this server if it names this machine or a name of ours', () => {
  const names = new Set(['cn.anshin.example']);
  for (const host of ['127.0.0.1', '127.0.0.1:7800', 'localhost:1', '[::1]', '[::1]:80', 'CN.anshin.example:443']) {
    assert.equal(checkHost(host, names).ok, true, host);
  }
  for (const host of [
    undefined,
    '',
    ':80',
    'example.org',
    'cn.anshin.example.org',
    'localhost.example',
    'user@localhost',
    '[::2]',
    'localhost:x',
  ]) {
    assert.equal(checkHost(host, names).ok, false, String(host));
  }
});
