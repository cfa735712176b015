// A workload with the MCP SDK, and an MCP server that accepts the tokens of a broker.
import {
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
  StaticPrivateKeyJwtProvider,
} from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { serve } from './lines.mjs';

/** What src/docs/use/targets/mcp.md prints: a provider by SEP-1933, until the SDK has one. */
class WorkloadIdentity {
  clientMetadata = { redirect_uris: [], grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'] };
  constructor(broker, credential) {
    this.broker = broker; // its issuer identifier, as operators announce it
    this.credential = credential; // returns a fresh credential
  }
  clientInformation = () => ({ client_id: 'workload', issuer: this.broker });
  async discoveryState() {
    const metadata = await fetch(new URL('/.well-known/oauth-authorization-server', this.broker));
    return { authorizationServerUrl: this.broker, authorizationServerMetadata: await metadata.json() };
  }
  async prepareTokenRequest(scope) {
    const assertion = await this.credential();
    const request = { grant_type: this.clientMetadata.grant_types[0], assertion };
    return new URLSearchParams(scope ? { ...request, scope } : request);
  }
  tokens = () => this.kept;
  saveTokens = (tokens) => void (this.kept = tokens);
}

/** What src/docs/use/targets/mcp.md prints: the providers of the SDK. */
const at = (broker, provider) =>
  Object.assign(provider, {
    async discoveryState() {
      const metadata = await fetch(new URL('/.well-known/oauth-authorization-server', broker));
      return { authorizationServerUrl: broker, authorizationServerMetadata: await metadata.json() };
    },
  });
// The credential of the platform. It is read once: make a provider for each credential.
const byCredential = (broker, credential) =>
  at(broker, new StaticPrivateKeyJwtProvider({
    clientId: 'any', jwtBearerAssertion: credential, expectedIssuer: broker }));
// A key of the agent, registered as the client m2m.
const byKey = (broker, privateKey) =>
  at(broker, new PrivateKeyJwtProvider({
    clientId: 'm2m', privateKey, algorithm: 'ES256', expectedIssuer: broker }));

const providers = {
  workload: (broker, credential) => new WorkloadIdentity(broker, async () => credential),
  credential: byCredential,
  key: byKey,
  secret: (broker, clientSecret) =>
    at(broker, new ClientCredentialsProvider({ clientId: 'gateway', clientSecret, expectedIssuer: broker })),
};

let listening;

await serve({
  /** Starts an MCP server with one tool, which says whose token called it. */
  listen: ({ port, path, broker }) =>
    new Promise((started) => {
      const resource = `http://localhost:${port}${path}`;
      const described = `http://localhost:${port}/.well-known/oauth-protected-resource${path}`;
      const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', broker));
      const verifier = {
        async verifyAccessToken(token) {
          try {
            const { payload } = await jwtVerify(token, keys, { issuer: broker, audience: resource, typ: 'at+jwt' });
            const { sub: clientId, exp: expiresAt, scope = '' } = payload;
            return { token, clientId, expiresAt, scopes: scope.split(' ') };
          } catch (refused) {
            throw new InvalidTokenError(refused.message);
          }
        },
      };
      const app = express();
      app.get(`/.well-known/oauth-protected-resource${path}`, (_, response) =>
        response.json({ resource, authorization_servers: [broker], scopes_supported: ['read'] }),
      );
      app.post(path, requireBearerAuth({ verifier, resourceMetadataUrl: described }), express.json(), answer);
      listening = app.listen(port, 'localhost', () => started({ resource }));
    }),

  /** Calls that tool. */
  async call({ server, broker, provider, credential }) {
    const client = new Client({ name: 'interop', version: '1.0.0' });
    const authProvider = providers[provider](broker, credential);
    try {
      await client.connect(new StreamableHTTPClientTransport(new URL(server), { authProvider }));
      const { content } = await client.callTool({ name: 'whoami', arguments: {} });
      return { said: content[0].text };
    } catch (failed) {
      return { failed: failed.constructor.name, code: failed.errorCode ?? '', message: failed.message };
    } finally {
      await client.close();
    }
  },
});
listening?.close();

/** A server without sessions: one for each request, as the SDK wants it. */
async function answer(request, response) {
  const server = new McpServer({ name: 'orders', version: '1.0.0' });
  server.registerTool('whoami', { description: 'Says who calls.' }, async ({ authInfo }) => ({
    content: [{ type: 'text', text: `${authInfo.clientId} ${authInfo.scopes}` }],
  }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  response.on('close', () => server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
}
