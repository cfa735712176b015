// A broker that serves the page and tells it what a test says. No operator's token is needed.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const HOME = new URL('../../src/main/resources/dev/tokenbroker/edges/console/', import.meta.url);
const TYPES = { js: 'text/javascript', css: 'text/css', html: 'text/html', svg: 'image/svg+xml' };

/** The state of a broker with an issuer "ci" and an upstream "sso". */
export const state = (time, more = {}) => ({
  event: 'state',
  time,
  revision: 'a'.repeat(64),
  loaded_time: time,
  issuers: [{ name: 'ci', issuer: 'https://ci.example', freshness: 'fresh', keys: ['key-1'], key_count: 1, fetches: 5, failed_fetches: 0, bound_ratio: 0.1 }],
  upstreams: [{ name: 'sso', circuit: 'closed', in_flight: 0, in_flight_limit: 32, attempts: 90, needed: 90, retries: 0, failures: 0, bound_ratio: 0.9, headroom: 19, budget_tokens: 10, burst: 10 }],
  own_clients: [],
  rules: [{ name: 'pays', issuer: 'ci', target: 'payments-api', hits: 1 }],
  outages: [],
  refusals: { bucket_seconds: 5, end_time: time, counts: Array(180).fill(1) },
  ...more,
});

export class ToldBroker {
  /** Takes the path and query of a request that is neither for the page nor for its stream, and gives the JSON of its answer; null hangs up. */
  answer = async () => ({ refused: [] });
  #server = createServer((request, response) => this.#serve(new URL(request.url, 'http://localhost'), response));
  #streams = new Set();

  static async start() {
    const broker = new ToldBroker();
    await new Promise((ready) => broker.#server.listen(0, '127.0.0.1', ready));
    return broker;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/`;
  }

  async #serve({ pathname, search }, response) {
    if (pathname === '/live') {
      this.#streams.add(response);
      response.on('close', () => this.#streams.delete(response));
      response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
      response.write(`${JSON.stringify({ event: 'hello', time: new Date().toISOString(), broker: 'test', sampled_per_second: 10 })}\n`);
    } else if (pathname.startsWith('/console/')) {
      const name = pathname.slice('/console/'.length) || 'index.html';
      response.writeHead(200, { 'Content-Type': TYPES[name.split('.').pop()] });
      response.end(readFileSync(new URL(name, HOME)));
    } else {
      const answer = await this.answer(pathname + search);
      if (!answer) return response.destroy();
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(answer));
    }
  }

  /** Sends these lines to each page, once there is one, and waits while one is behind. */
  async tell(...lines) {
    while (this.#streams.size === 0) await once(this.#server, 'request');
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await Promise.all([...this.#streams].map((stream) => stream.write(text) || new Promise((drained) => stream.once('drain', drained))));
  }

  /** Ends each stream. */
  hangUp() {
    for (const stream of this.#streams) {
      this.#streams.delete(stream);
      stream.end();
    }
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
