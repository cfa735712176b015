package dev.tokenbroker.bench;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One kind of call to one server, measured in windows that take turns with those of others.
 *
 * <p>A window's figures are the processor time and the page faults of the server's process between
 * the first call and the last, divided by the number of calls. They include all threads, so
 * compilation and collection too.
 */
final class Rival implements AutoCloseable {

  private final String server;
  private final String kind;
  private final ServerProcess process;
  private final Edge edge;
  private final int calls;
  private final WarmUp warmUp;
  private final @Nullable URI metrics;
  private final List<Window> windows = new ArrayList<>();
  private int next;

  /**
   * @param kind what is called, within the server
   * @param calls how many a window has
   * @param metrics where it says how long its steps took, if it does
   */
  Rival(
      String server,
      String kind,
      ServerProcess process,
      Edge edge,
      int calls,
      WarmUp warmUp,
      @Nullable URI metrics) {
    this.server = server;
    this.kind = kind;
    this.process = process;
    this.edge = edge;
    this.calls = calls;
    this.warmUp = warmUp;
    this.metrics = metrics;
  }

  /** At least so many calls before the first window, for at least so long. */
  record WarmUp(int calls, int seconds) {}

  /**
   * One window.
   *
   * @param cpuMicros processor time of the server for one call
   * @param pageFaults minor page faults of the server for one call
   * @param verifyMicros how long it says that it took to verify a signature; NaN where it does not
   * @param mintMicros the same of minting, which is signing for the most part
   */
  record Window(
      double cpuMicros,
      double pageFaults,
      Calls.Result calls,
      double verifyMicros,
      double mintMicros) {

    long failed() {
      return calls.calls() - calls.endings().getOrDefault(Edge.OK, 0L);
    }
  }

  String server() {
    return server;
  }

  String kind() {
    return kind;
  }

  String name() {
    return name(server, kind);
  }

  static String name(String server, String kind) {
    return server + " " + kind;
  }

  List<Window> windows() {
    return windows;
  }

  /** Makes whole windows of calls that are not counted. */
  void warmUp(int callers) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(warmUp.seconds());
    for (int made = 0; made < warmUp.calls() || System.nanoTime() - end < 0; made += calls) {
      make(callers);
    }
  }

  /** Measures one window. */
  Window measure(int callers) {
    Window window = make(callers);
    windows.add(window);
    return window;
  }

  /** One figure in all windows. */
  Spread spread(ToDoubleFunction<Window> figure) {
    return Spread.of(windows.stream().mapToDouble(figure));
  }

  /** The memory of the server now. */
  double residentMiB() {
    return process.residentMiB();
  }

  private Window make(int callers) {
    StepTimes timesBefore = metrics == null ? null : StepTimes.read(metrics);
    long faultsBefore = process.pageFaults();
    Duration before = process.cpu();
    Calls.Result result = Calls.make(edge, next, callers, calls);
    Duration used = process.cpu().minus(before);
    double pageFaults = (double) (process.pageFaults() - faultsBefore) / calls;
    next += calls;
    double cpuMicros = used.toNanos() / 1e3 / calls;
    if (metrics == null || timesBefore == null) {
      return new Window(cpuMicros, pageFaults, result, Double.NaN, Double.NaN);
    }
    StepTimes times = StepTimes.read(metrics);
    return new Window(
        cpuMicros,
        pageFaults,
        result,
        times.meanMicrosSince(timesBefore, "signature"),
        times.meanMicrosSince(timesBefore, "mint"));
  }

  @Override
  public void close() {
    edge.close();
  }
}
