// A client of an authorization server, as one is written with oauth4webapi.
import * as oauth from 'oauth4webapi';
import { serve } from './lines.mjs';

const client = { client_id: 'interop' };
const authentications = {
  none: oauth.None(),
  basic: oauth.ClientSecretBasic('nobody-looks'),
  post: oauth.ClientSecretPost('nobody-looks'),
};
let server;

await serve({
  /** @param algorithm oidc for OpenID Connect Discovery, oauth2 for RFC 8414 */
  async discover({ issuer, algorithm }) {
    const identifier = new URL(issuer);
    const response = await oauth.discoveryRequest(identifier, { algorithm });
    server = await oauth.processDiscoveryResponse(identifier, response);
    return server;
  },

  token: ({ grantType, parameters, authentication = 'none' }) =>
    settled(async () => {
      const response = await oauth.genericTokenEndpointRequest(
        server,
        client,
        authentications[authentication],
        grantType,
        new URLSearchParams(parameters),
      );
      return oauth.processGenericTokenEndpointResponse(server, client, response);
    }),

  /** As a resource server does with a call to it: RFC 9068 section 4. */
  validate: ({ token, audience }) =>
    settled(() =>
      oauth.validateJwtAccessToken(
        server,
        new Request('https://orders.example/', { headers: { authorization: `Bearer ${token}` } }),
        audience,
      ),
    ),

  /** A call to a protected resource with that token. */
  resource: ({ token, url }) =>
    settled(async () => {
      const response = await oauth.protectedResourceRequest(token, 'GET', new URL(url));
      return response.json();
    }),
});

/** What came of it, as the library tells; whatever it does not tell by an error of its own is a failure of this program. */
async function settled(call) {
  try {
    return { value: await call() };
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) {
      return { error: error.code, status: error.status, challenges: error.cause };
    }
    if (error instanceof oauth.ResponseBodyError) {
      return {
        error: error.code,
        status: error.status,
        body: error.cause,
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
