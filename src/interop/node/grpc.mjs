// Clients of the gRPC port, as they are written with grpc-js: each name is a channel of its own.
//
//   node grpc.mjs TARGET PROTO-DIRECTORY...
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { serve } from './lines.mjs';

const [, , target, ...includeDirs] = process.argv;
const options = { includeDirs, json: true, longs: String, enums: String };
const declared = loader.loadSync(
  [
    'tokenbroker/v1/token_broker.proto',
    'google/rpc/status.proto',
    'google/rpc/error_details.proto',
    'health/v1/health.proto',
    'reflection/v1/reflection.proto',
  ],
  options,
);
const services = grpc.loadPackageDefinition(declared);
const trusted = grpc.credentials.createSsl(); // the roots in NODE_EXTRA_CA_CERTS are among them
const channels = new Map();
const holder = await generateKeyPair('ES256');
const holderJwk = await exportJWK(holder.publicKey);
const proving = grpc.credentials.createFromMetadataGenerator(prove);
let pings = 0;

// What GRPC_TRACE=keepalive shows of pings that were answered.
grpc.setLogger({
  debug: (line) => (pings += line.includes('Received ping response') ? 1 : 0),
  info: console.error,
  error: console.error,
});

await serve({
  /** @param options those of a channel; serviceConfig is its grpc.service_config */
  open({ channel, serviceConfig, options: given }) {
    const all = serviceConfig ? { 'grpc.service_config': JSON.stringify(serviceConfig), ...given } : { ...given };
    channels.set(channel, new grpc.Channel(target, trusted, all));
    return {};
  },

  /** @param timeout in milliseconds; without it that of the service config counts */
  exchange: ({ channel, request, timeout }) =>
    call(new services.tokenbroker.v1.TokenBroker(target, trusted, over(channel)), 'exchangeToken', request, timeout),

  /** With a proof for each attempt: RFC 9449. */
  exchangeBound: ({ channel, request }) =>
    call(new services.tokenbroker.v1.TokenBroker(target, trusted, over(channel)), 'exchangeToken', request, undefined, {
      credentials: proving,
    }),

  thumbprint: async () => ({ value: await calculateJwkThumbprint(holderJwk) }),

  health: ({ channel, service }) =>
    call(new services.grpc.health.v1.Health(target, trusted, over(channel)), 'check', { service }),

  /** Calls by a stub made of nothing but what the server tells of itself. */
  async exchangeByReflection({ channel, service, request }) {
    const told = await ask(channel, { fileContainingSymbol: service });
    const definition = loader.loadFileDescriptorSetFromBuffer(
      fileSet(told.fileDescriptorResponse.fileDescriptorProto),
      options,
    );
    const Stub = grpc.makeClientConstructor(definition[service], service);
    return call(new Stub(target, trusted, over(channel)), 'exchangeToken', request);
  },

  async listed({ channel }) {
    const told = await ask(channel, { listServices: '*' });
    return { services: told.listServicesResponse.service.map((service) => service.name) };
  },

  /** Until the server has answered that many pings on a channel without calls. */
  async answeredPings({ channel, count }) {
    await ready(channel);
    const before = pings;
    while (pings - before < count) await new Promise((tick) => setTimeout(tick, 20));
    return { state: grpc.connectivityState[channels.get(channel).getConnectivityState(false)] };
  },
});

function over(channel) {
  return { channelOverride: channels.get(channel) };
}

function ready(channel) {
  const stub = new grpc.Client(target, trusted, over(channel));
  return new Promise((done, failed) =>
    stub.waitForReady(Date.now() + 20_000, (error) => (error ? failed(error) : done())),
  );
}

/** Puts a proof on a call; grpc-js asks for it once for each attempt, with the method's path. */
function prove({ method_name: path }, done) {
  new SignJWT({ jti: crypto.randomUUID(), htm: 'POST', htu: `https://${target}${path}` })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: holderJwk })
    .setIssuedAt()
    .sign(holder.privateKey)
    .then((proof) => {
      const metadata = new grpc.Metadata();
      metadata.set('dpop', proof);
      done(null, metadata);
    }, done);
}

function call(stub, method, request, timeout, options) {
  const settings = timeout ? { ...options, deadline: Date.now() + timeout } : { ...options };
  return new Promise((done) =>
    stub[method](request, settings, (error, response) => done(error ? refusal(error) : { code: 'OK', response })),
  );
}

function refusal(error) {
  const [status] = error.metadata.get('grpc-status-details-bin');
  return {
    code: grpc.status[error.code],
    message: error.details,
    pushback: error.metadata.get('grpc-retry-pushback-ms'),
    details: status ? declared['google.rpc.Status'].deserialize(status).details : [],
  };
}

/** Asks the reflection service one question. */
function ask(channel, question) {
  const stub = new services.grpc.reflection.v1.ServerReflection(target, trusted, over(channel));
  return new Promise((done, failed) => {
    const stream = stub.serverReflectionInfo({ deadline: Date.now() + 20_000 });
    stream.on('data', (answer) => {
      done(answer);
      stream.end();
    });
    stream.on('error', failed);
    stream.write(question);
  });
}

/** A FileDescriptorSet: each file as its field 1, with the length before it (a varint). */
function fileSet(files) {
  return Buffer.concat(
    files.flatMap((file) => {
      const head = [0x0a];
      let length = file.length;
      for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
      return [Buffer.from([...head, length]), file];
    }),
  );
}
