// Requests a token, and prints how long it lives, or why there is none.
import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

// In the directory protos: token_broker.proto, and google/rpc/*.proto of googleapis.
const declared = loader.loadSync(
  ['tokenbroker/v1/token_broker.proto', 'google/rpc/status.proto', 'google/rpc/error_details.proto'],
  { includeDirs: ['protos'], json: true, longs: Number });
const { TokenBroker } = grpc.loadPackageDefinition(declared).tokenbroker.v1;

const [, , address, audience] = process.argv;
const broker = new TokenBroker(`dns:///${address}`, grpc.credentials.createSsl(), {
  'grpc.service_config': readFileSync('service-config.json', 'utf8'),
  'grpc.enable_retries': 1,
});
function explain(refused) {
  console.error(refused.details);
  const [bytes] = refused.metadata?.get('grpc-status-details-bin') ?? [];
  if (!bytes) return; // the broker has not answered
  for (const detail of declared['google.rpc.Status'].deserialize(bytes).details ?? []) {
    if (detail.reason) console.error(detail.reason, detail.metadata?.verdict_id ?? 'without a verdict');
    if (detail.retryDelay) console.error('retry after', detail.retryDelay);
  }
}

const request = { audience, subjectToken: readFileSync('credential.jwt', 'utf8').trim() };
broker.exchangeToken(request, { deadline: Date.now() + 5000 }, (refused, token) => {
  if (refused) {
    explain(refused);
    process.exitCode = 1;
  } else {
    console.log('a token until', token.expireTime?.seconds);
  }
  broker.close();
});
