// The stream of the broker: one at a time, opened again when it ends.

const FIRST_WAIT_MILLIS = 500;
const LONGEST_WAIT_MILLIS = 15_000;
const SILENCE_MILLIS = 15_000; // a line comes each second
const HIDDEN_MILLIS = 60_000;
const LONGEST_LINE_CHARS = 1 << 20;

/**
 * Reads /live and hands each batch of lines to its reader. A page that stays hidden for a minute closes its stream, so
 * that its place is free for others, and opens a new one when it is shown again.
 */
export class Stream {
  #broker;
  #lines;
  #status;
  #running = null;
  #hiding = 0;

  /**
   * @param lines takes an array of parsed lines
   * @param status takes the state ("connecting", "live", "waiting", "closed", "refused") and the error behind it, if any
   */
  constructor(broker, lines, status) {
    this.#broker = broker;
    this.#lines = lines;
    this.#status = status;
    document.addEventListener('visibilitychange', () => this.#visibility());
    addEventListener('pagehide', () => this.close());
    addEventListener('pageshow', (event) => event.persisted && this.open());
  }

  /** Opens the stream; one that is open already is ended first. */
  open() {
    this.#running?.abort();
    this.#running = new AbortController();
    this.#run(this.#running.signal);
  }

  close() {
    this.#running?.abort();
    this.#running = null;
    this.#status('closed');
  }

  #visibility() {
    clearTimeout(this.#hiding);
    if (document.hidden) this.#hiding = setTimeout(() => this.#running && this.close(), HIDDEN_MILLIS);
    else if (!this.#running) this.open();
  }

  async #run(signal) {
    let failures = 0;
    while (!signal.aborted) {
      this.#status('connecting');
      let problem;
      try {
        await this.#read(signal, () => {
          failures = 0;
          this.#status('live');
        });
      } catch (error) {
        problem = error;
        failures += 1;
      }
      if (signal.aborted) return;
      if (problem?.status === 401 || problem?.status === 403) {
        this.#status('refused', problem);
        return;
      }
      this.#status('waiting', problem);
      await pause(wait(failures, problem?.retryAfterSeconds ?? 0), signal);
    }
  }

  async #read(signal, opened) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MILLIS);
    try {
      const response = await this.#broker.send('/live', {
        headers: { Accept: 'application/x-ndjson' },
        signal: AbortSignal.any([signal, silence.signal]),
      });
      opened();
      for await (const lines of batches(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MILLIS);
        if (!signal.aborted) this.#lines(lines);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The lines that have come whole with each piece of the body. */
async function* batches(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split('\n');
    rest = lines.pop();
    if (rest.length > LONGEST_LINE_CHARS) throw new Error('A line of the stream is too long.');
    const whole = lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line));
    if (whole.length > 0) yield whole;
  }
}

/** Full jitter, so that the pages of many operators do not come back together. An orderly end waits for up to 0.5 s. */
function wait(failures, retryAfterSeconds) {
  const longest = Math.min(LONGEST_WAIT_MILLIS, FIRST_WAIT_MILLIS * 2 ** failures);
  return retryAfterSeconds * 1_000 + Math.random() * longest;
}

function pause(millis, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, millis);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });
}
