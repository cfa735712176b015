// App JWTs as GitHub's own library makes them.
import { createAppAuth } from '@octokit/auth-app';
import { serve } from './lines.mjs';

await serve({
  /** @param now the time by the clock, in seconds since 1970 */
  async jwt({ appId, privateKey, now }) {
    Date.now = () => now * 1000;
    const { token } = await createAppAuth({ appId, privateKey })({ type: 'app' });
    return { token };
  },
});
