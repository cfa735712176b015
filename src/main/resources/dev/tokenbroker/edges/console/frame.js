// The frame of a chart over time: a scale on the left, times below.

import { svg } from './dom.js';
import { span } from './format.js';

export const TOP = 8;

const LEFT = 40;
const BOTTOM = 18;
const STEPS = [15, 30, 60, 120, 180, 300]; // seconds between times

/** Places values and times, and draws the scales around them. */
export class Frame {
  /**
   * @param write turns a value into the text of the scale
   * @param power 0.5 for a scale by the square root, on which a small value is seen beside a large one
   */
  constructor(width, height, most, seconds, write = tick, power = 1) {
    this.width = Math.max(200, width);
    this.height = height;
    this.most = roundUp(most);
    this.seconds = seconds;
    this.write = write;
    this.power = power;
  }

  /** @param ago seconds before the right end */
  x(ago) {
    return round(LEFT + (this.width - LEFT - 1) * (1 - ago / this.seconds));
  }

  y(value) {
    return round(TOP + (this.height - TOP - BOTTOM) * (1 - (Math.min(value, this.most) / this.most) ** this.power));
  }

  chart(name, summary, ...marks) {
    return svg(
      'svg',
      { class: `chart ${name}`, width: this.width, height: this.height, role: 'img', 'aria-label': summary },
      this.#scale(),
      marks,
    );
  }

  #scale() {
    const lines = [0, this.most * 0.5 ** (1 / this.power), this.most].map((value) => [
      svg('line', { class: 'grid', x1: LEFT, x2: this.width, y1: this.y(value), y2: this.y(value) }),
      svg('text', { class: 'axis end', x: LEFT - 6, y: this.y(value) + 4 }, this.write(value)),
    ]);
    // Six labels need more room than a narrow screen has.
    const step = STEPS.find((each) => this.seconds / each <= (this.width < 420 ? 3 : 5)) ?? this.seconds;
    const times = Array.from({ length: Math.floor(this.seconds / step) + 1 }, (_, part) => {
      const ago = part * step;
      const place = ago === 0 ? 'axis end' : ago === this.seconds ? 'axis' : 'axis middle';
      return svg('text', { class: place, x: this.x(ago), y: this.height - 3 }, ago === 0 ? 'now' : `−${span(ago)}`);
    });
    return [lines, times];
  }

  /** A stepped area over values, each as wide as step, of which the last ends ago seconds before the right end. */
  area(name, values, step, base = values.map(() => 0), ago = 0) {
    if (values.length === 0) return [];
    const end = ago + values.length * step;
    const from = (index) => this.x(Math.min(this.seconds, end - index * step));
    const upper = values.map((value, index) => `L${from(index)} ${this.y(value + base[index])}H${from(index + 1)}`);
    const lower = base.map((value, index) => `L${from(index + 1)} ${this.y(value)}H${from(index)}`).reverse();
    return svg('path', { class: name, d: `M${from(0)} ${this.y(base[0])}${upper.join('')}${lower.join('')}Z` });
  }

  line(name, points) {
    const path = points.map(([ago, value]) => `${this.x(ago)} ${this.y(value)}`).join('L');
    return points.length > 1 && svg('path', { class: name, d: `M${path}` });
  }
}

/** The next number whose half is short to write, too. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((step) => step >= value * 0.999);
}

function tick(value) {
  if (value >= 1_000) return `${value / 1_000}k`;
  return `${Number(value.toPrecision(3))}`;
}

export function round(value) {
  return Math.round(value * 10) / 10;
}
