// A service that verifies tokens by the keys that the broker publishes, as one does with jose.
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose';
import { serve } from './lines.mjs';

let keys;
let issuer;
let fetches = 0;

await serve({
  /** @param options those of createRemoteJWKSet: cacheMaxAge, cooldownDuration, in milliseconds */
  trust({ issuer: trusted, jwksUri, options }) {
    issuer = trusted;
    keys = createRemoteJWKSet(new URL(jwksUri), {
      ...options,
      [customFetch]: (...request) => {
        fetches += 1;
        return fetch(...request);
      },
    });
    return {};
  },

  async verify({ token, audience }) {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt' });
      return { payload, protectedHeader, fetches };
    } catch (refused) {
      if (!(refused instanceof errors.JOSEError)) throw refused;
      return { refused: refused.code, fetches };
    }
  },
});
