// Calls a target with the token in a file, as often as each line of standard input says; prints the status codes.
import { createInterface } from 'node:readline';
import grpc from '@grpc/grpc-js';
import { tokenFile } from './token-file.mjs';

const [, , address, path, transport] = process.argv;
const channel = transport === 'tls' ? grpc.credentials.createSsl() : grpc.credentials.createInsecure();
const client = new grpc.Client(
  `dns:///${address}`, grpc.credentials.combineChannelCredentials(channel, tokenFile(path)));
const bytes = (value) => value;
const call = () => new Promise((done) => {
  client.makeUnaryRequest(
    '/acme.Target/Call', bytes, bytes, Buffer.alloc(0), { deadline: Date.now() + 20_000 },
    (failed) => done(failed?.code ?? 0));
});

for await (const line of createInterface({ input: process.stdin })) {
  const codes = new Set(await Promise.all(Array.from({ length: JSON.parse(line).times }, call)));
  console.log(JSON.stringify({ codes: `[${[...codes].sort()}]` }));
}
