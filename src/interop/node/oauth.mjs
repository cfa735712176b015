// Clients of an authorization server and services, as they are written with oauth4webapi.
import * as oauth from 'oauth4webapi';
import { serve } from './lines.mjs';

const client = { client_id: 'interop' };
const authentications = {
  none: oauth.None(),
  basic: oauth.ClientSecretBasic('nobody-looks'),
  post: oauth.ClientSecretPost('nobody-looks'),
};
const dpop = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
let server;

await serve({
  /** @param algorithm oidc for OpenID Connect Discovery, oauth2 for RFC 8414 */
  async discover({ issuer, algorithm }) {
    const identifier = new URL(issuer);
    const response = await oauth.discoveryRequest(identifier, { algorithm });
    server = await oauth.processDiscoveryResponse(identifier, response);
    return server;
  },

  /** @param bound whether with a proof */
  token: ({ grantType, parameters, authentication = 'none', bound = false }) =>
    settled(async () => {
      const response = await oauth.genericTokenEndpointRequest(
        server,
        client,
        authentications[authentication],
        grantType,
        new URLSearchParams(parameters),
        proving(bound),
      );
      return oauth.processGenericTokenEndpointResponse(server, client, response);
    }),

  /** As a resource server does with a call to it: RFC 9068 section 4, and RFC 9449 section 7.1 where it is bound. */
  validate: ({ token, audience, bound = false }) =>
    settled(async () => {
      let call;
      await oauth.protectedResourceRequest(token, 'GET', new URL('https://orders.example/'), undefined, null, {
        ...proving(bound),
        async [oauth.customFetch](url, request) {
          call = new Request(url, request);
          return new Response();
        },
      });
      return oauth.validateJwtAccessToken(server, call, audience);
    }),

  thumbprint: async () => ({ value: await dpop.calculateThumbprint() }),

  /** @param by the service's own token, none where it has none */
  introspect: ({ token, by }) =>
    settled(async () => {
      const response = await oauth.introspectionRequest(server, client, bearer(by), token);
      return oauth.processIntrospectionResponse(server, client, response);
    }),

  /** The same by a token that is bound: RFC 9449 section 7. The library has no such client authentication. */
  introspectBound: ({ token, by }) =>
    settled(async () => {
      const response = await oauth.protectedResourceRequest(
        by,
        'POST',
        new URL(server.introspection_endpoint),
        undefined,
        new URLSearchParams({ token }),
        proving(true),
      );
      return oauth.processIntrospectionResponse(server, client, response);
    }),

  revoke: ({ token, by }) =>
    settled(async () => {
      const response = await oauth.revocationRequest(server, client, bearer(by), token);
      await oauth.processRevocationResponse(response);
      return { status: response.status };
    }),

  /** A call to a protected resource with that token. */
  resource: ({ token, url }) =>
    settled(async () => {
      const response = await oauth.protectedResourceRequest(token, 'GET', new URL(url));
      return response.json();
    }),
});

function proving(bound) {
  return bound ? { DPoP: dpop } : {};
}

/** RFC 7662 section 2.1: a service may authenticate by a token of its own. */
function bearer(token) {
  return (_server, _client, _body, headers) => {
    if (token) headers.set('authorization', `Bearer ${token}`);
  };
}

/** What came of it, as the library tells; whatever it does not tell by an error of its own is a failure of this program. */
async function settled(call) {
  try {
    return { value: await call() };
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) {
      return {
        error: error.code,
        status: error.status,
        challenges: error.cause,
        nonceWanted: oauth.isDPoPNonceError(error),
      };
    }
    if (error instanceof oauth.ResponseBodyError) {
      return {
        error: error.code,
        status: error.status,
        body: error.cause,
        nonceWanted: oauth.isDPoPNonceError(error),
        retryAfter: error.response.headers.get('retry-after'),
      };
    }
    if (error instanceof oauth.OperationProcessingError) {
      const response = error.cause instanceof Response ? error.cause : undefined;
      return { error: error.code, status: response?.status, retryAfter: response?.headers.get('retry-after') };
    }
    throw error;
  }
}
