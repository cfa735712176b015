package dev.tokenbroker.bench;

import dev.tokenbroker.bench.Rival.Window;
import java.util.List;
import java.util.Locale;

/** The figures of a comparison, in Markdown: of each the median of the windows (lowest-highest). */
final class Table {

  private final StringBuilder text =
      new StringBuilder(
          """

          | server | call | CPU µs a call | page faults a call | calls a second | p50 µs | p99 µs | calls | resident MiB |
          |---|---|---|---|---|---|---|---|---|
          """);

  Table(List<Rival> rivals) {
    for (Rival rival : rivals) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %s | %s | %s | %d | %.0f |%n",
              rival.server(),
              rival.kind(),
              rival.spread(Window::cpuMicros).text(1),
              rival.spread(Window::pageFaults).text(2),
              rival.spread(window -> window.calls().perSecond()).text(0),
              rival.spread(window -> window.calls().p50Micros()).text(0),
              rival.spread(window -> window.calls().p99Micros()).text(0),
              rival.windows().stream().mapToInt(window -> window.calls().calls()).sum(),
              rival.residentMiB()));
    }
  }

  /** The steps of those that say how long they took. */
  static String steps(List<Rival> rivals) {
    StringBuilder steps =
        new StringBuilder(
            """
            | server | call | signature verified, µs elapsed | minted, µs elapsed |
            |---|---|---|---|
            """);
    for (Rival rival : rivals) {
      Spread minted = rival.spread(Window::mintMicros);
      if (!Double.isNaN(minted.median())) {
        steps.append(
            String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s |%n",
                rival.server(),
                rival.kind(),
                rival.spread(Window::verifyMicros).text(1),
                minted.text(1)));
      }
    }
    return steps.toString();
  }

  /** Adds what the arithmetic alone costs. */
  void bare(String name, Spread cpuMicros) {
    text.append("| %s | | %s | | | | | | |%n".formatted(name, cpuMicros.text(1)));
  }

  String text() {
    return text.toString();
  }
}
