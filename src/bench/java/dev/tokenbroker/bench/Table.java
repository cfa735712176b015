package dev.tokenbroker.bench;

import dev.tokenbroker.bench.Rival.Window;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The figures of a comparison, in Markdown. */
final class Table {

  private final StringBuilder text =
      new StringBuilder(
          """

          | what | CPU µs a call: median (lowest-highest) | calls a second | p50 µs | p99 µs | calls |
          |---|---|---|---|---|---|
          """);

  Table(List<Rival> rivals) {
    for (Rival rival : rivals) {
      List<Window> windows = rival.windows();
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.0f | %.0f | %.0f | %d |%n",
              rival.name(),
              Spread.of(windows.stream().mapToDouble(Window::cpuMicros)).text(),
              median(windows, window -> window.calls().perSecond()),
              median(windows, window -> window.calls().p50Micros()),
              median(windows, window -> window.calls().p99Micros()),
              windows.stream().mapToInt(window -> window.calls().calls()).sum()));
    }
  }

  /** The steps of those that say how long they took. */
  static String steps(List<Rival> rivals) {
    StringBuilder steps =
        new StringBuilder(
            "| what | signature verified, µs elapsed | minted, µs elapsed |\n|---|---|---|\n");
    for (Rival rival : rivals) {
      List<Window> windows = rival.windows();
      if (!Double.isNaN(median(windows, Window::mintMicros))) {
        steps.append(
            String.format(
                Locale.ROOT,
                "| %s | %s | %s |%n",
                rival.name(),
                Spread.of(windows.stream().mapToDouble(Window::verifyMicros)).text(),
                Spread.of(windows.stream().mapToDouble(Window::mintMicros)).text()));
      }
    }
    return steps.toString();
  }

  /** Adds what the arithmetic alone costs. */
  void bare(String name, Spread cpuMicros) {
    text.append(String.format(Locale.ROOT, "| %s | %s | | | | |%n", name, cpuMicros.text()));
  }

  String text() {
    return text.toString();
  }

  private static double median(List<Window> windows, ToDoubleFunction<Window> figure) {
    return Spread.of(windows.stream().mapToDouble(figure)).median();
  }
}
