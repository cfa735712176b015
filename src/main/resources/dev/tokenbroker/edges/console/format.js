// Writes numbers and times for people.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const date = new Intl.DateTimeFormat('en', { year: 'numeric', month: 'short', day: 'numeric' });

export const count = (number) => whole.format(number);

/** A rate; a small one is not rounded down to nothing. */
export function perSecond(rate) {
  if (rate > 0 && rate < 0.05) return '<0.1/s';
  return `${rate > 0 && rate < 9.95 ? oneDecimal.format(rate) : whole.format(rate)}/s`;
}

/** A share from 0 to 1; a small one is not rounded down to nothing. */
export function percent(share) {
  if (share > 0 && share < 0.001) return '<0.1 %';
  return `${share < 0.0995 && share > 0 ? oneDecimal.format(share * 100) : whole.format(share * 100)} %`;
}

export function micros(number) {
  if (number < 999.5) return `${whole.format(number)} µs`;
  if (number < 99_950) return `${oneDecimal.format(number / 1_000)} ms`;
  return number < 999_500 ? `${whole.format(number / 1_000)} ms` : `${oneDecimal.format(number / 1_000_000)} s`;
}

/** A number that is counted nearly if it is large. */
export const about = (number) => (number > 10 ? `about ${whole.format(number)}` : whole.format(number));

/** A span of time in its largest unit: "14 min". */
export function span(seconds) {
  const size = Math.abs(seconds);
  if (size < 1) return '0 s';
  if (size < 60 || (size < 120 && size % 60 !== 0)) return `${whole.format(seconds)} s`;
  if (size < 7_200 && (size < 3_600 || size % 3_600 !== 0)) return `${whole.format(seconds / 60)} min`;
  return size < 172_800 ? `${whole.format(seconds / 3_600)} h` : `${whole.format(seconds / 86_400)} days`;
}

/** An offset of a clock, with its sign. */
export function offset(seconds) {
  if (Math.abs(seconds) < 1) return 'none';
  return `${seconds < 0 ? '−' : '+'}${span(Math.abs(seconds))}`;
}

/** The time of day in the reader's time zone; with the date if it was on another day than the reference. */
export function time(text, reference) {
  const at = new Date(text);
  const day = date.format(at);
  return !reference || day === date.format(new Date(reference)) ? clock.format(at) : `${day}, ${clock.format(at)}`;
}

export const revision = (hex) => hex.slice(0, 12);
