import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '#platform/runtime/config.ts';

test('nothing needs to be set', () => {
  const config = readConfig({});
  assert.equal(config.dataDirectory, '.sluice');
  assert.equal(config.publicUrl, `http://${config.host}:${config.port}`);
  assert.equal(config.host, '127.0.0.1');
  assert.deepEqual([config.engine, config.stack, config.healthPort], ['embedded', 'sluice', undefined]);
});

test('an empty or blank setting is as good as none', () => {
  for (const blank of ['', ' ']) {
    const set = { SLUICE_DATA: blank, SLUICE_HOST: blank, SLUICE_PORT: blank, SLUICE_PUBLIC_URL: blank };
    assert.deepEqual(
      readConfig({ ...set, SLUICE_LOG_LEVEL: blank, SLUICE_AUDIT_RETENTION_DAYS: blank }),
      readConfig({}),
    );
  }
});

test('what is set is taken, the public URL without its last slash', () => {
  const config = readConfig({
    SLUICE_DATA: '/data',
    SLUICE_HOST: '0.0.0.0',
    SLUICE_PORT: '8080',
    SLUICE_PUBLIC_URL: 'https://hooks.example.com/sluice/',
    SLUICE_LOG_LEVEL: 'warn',
  });
  assert.deepEqual(
    [config.dataDirectory, config.host, config.port, config.publicUrl, config.logLevel],
    ['/data', '0.0.0.0', 8080, 'https://hooks.example.com/sluice', 'warn'],
  );
});

const WRONG: [name: string, value: string, fix: RegExp][] = [
  ['SLUICE_PORT', 'http', /port number/],
  ['SLUICE_PORT', '65536', /port number/],
  ['SLUICE_PORT', '-1', /port number/],
  ['SLUICE_PORT', '80.5', /port number/],
  ['SLUICE_AUDIT_PORT', '70000', /port number/],
  ['SLUICE_SELLER_API_PORT', '-2', /port number/],
  ['SLUICE_SANDBOX_PORT', 'x', /port number/],
  ['SLUICE_PUBLIC_URL', 'hooks.example.com', /https:\/\//],
  ['SLUICE_PUBLIC_URL', 'ftp://hooks.example.com', /https:\/\//],
  ['SLUICE_LOG_LEVEL', 'loud', /debug, info, warn, error, silent/],
  ['SLUICE_AUDIT_RETENTION_DAYS', '0', /days/],
  ['SLUICE_AUDIT_RETENTION_DAYS', '1.5', /days/],
  ['SLUICE_AUDIT_LOGS', 'audit,', /lower-case letters/],
  ['SLUICE_AUDIT_LOGS', 'audit,audit', /none twice/],
  ['SLUICE_AUDIT_LOGS', 'Audit', /lower-case letters/],
  ['SLUICE_AUDIT_LOGS', '2', /a letter first/],
  ['SLUICE_AUDIT_LOGS', 'a/b', /lower-case letters/],
  ['SLUICE_AUDIT_LOGS', 'a2345678901234567890123456789012', /31 at most/],
  ['SLUICE_BUYER_DATA_DAYS', '0', /days/],
  ['SLUICE_BUYER_DATA_DAYS', '31', /30 at most.*SLUICE_BUYER_DATA_LONGER/],
  ['SLUICE_BUYER_DATA_LONGER', 'yes', /the-law-asks-for-it/],
  ['SLUICE_ENGINE', 'azure', /embedded .* or aws/],
  ['SLUICE_STACK', 'Acme', /lower-case letters/],
  ['SLUICE_STACK', '1st', /a letter first/],
  ['SLUICE_STACK', 'acme/eu', /lower-case letters/],
  ['SLUICE_STACK', 'a-name-of-25-characters-xx', /24 at most/],
  ['SLUICE_HEALTH_PORT', '-1', /port number/],
];

for (const [name, value, fix] of WRONG) {
  test(`${name}=${value} is refused by name, with what to set it to`, () => {
    assert.throws(
      () => readConfig({ [name]: value }),
      ({ message }: Error) => message.startsWith(`${name} is ${JSON.stringify(value)}: set it to`) && fix.test(message),
    );
  });
}

test('buyers’ data are kept 30 days after delivery, shorter where that is set, longer only where the law is named too', () => {
  assert.equal(readConfig({}).buyerDataDays, 30);
  assert.equal(readConfig({ SLUICE_BUYER_DATA_DAYS: '7' }).buyerDataDays, 7);
  const longer = { SLUICE_BUYER_DATA_DAYS: '60', SLUICE_BUYER_DATA_LONGER: 'the-law-asks-for-it' };
  assert.equal(readConfig(longer).buyerDataDays, 60);
});

test('there is one audit log where no other is named', () => {
  assert.deepEqual(readConfig({}).auditLogs, ['audit']);
  assert.deepEqual(readConfig({ SLUICE_AUDIT_LOGS: 'eu, us-2,third' }).auditLogs, ['eu', 'us-2', 'third']);
  const longest = 'a234567890123456789012345678901';
  assert.deepEqual(readConfig({ SLUICE_AUDIT_LOGS: longest }).auditLogs, [longest]);
});
