package dev.tokenbroker.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One kind of call to one server, measured in windows that take turns with those of others.
 *
 * <p>A window's figure is the processor time that the server's process used between its first and
 * its last call, by the number of calls: all threads, so compilation and collection too.
 */
final class Rival implements AutoCloseable {

  private final String name;
  private final ServerProcess server;
  private final Door door;
  private final int calls;
  private final int warmUp;
  private final List<Window> windows = new ArrayList<>();
  private int next;

  /**
   * @param calls how many a window has
   * @param warmUp how many are made before
   */
  Rival(String name, ServerProcess server, Door door, int calls, int warmUp) {
    this.name = name;
    this.server = server;
    this.door = door;
    this.calls = calls;
    this.warmUp = warmUp;
  }

  /**
   * One window.
   *
   * @param cpuMicros processor time of the server for one call
   */
  record Window(double cpuMicros, Calls.Result calls) {

    long failed() {
      return calls.calls() - calls.endings().getOrDefault(Door.OK, 0L);
    }
  }

  String name() {
    return name;
  }

  List<Window> windows() {
    return windows;
  }

  /** Makes calls that are not counted: whole windows, until there are at least so many calls. */
  void warmUp(int callers) {
    for (int made = 0; made < warmUp; made += calls) {
      make(callers);
    }
  }

  /** Measures one window. */
  Window measure(int callers) {
    Window window = make(callers);
    windows.add(window);
    return window;
  }

  /** The median of its windows, in microseconds a call. */
  double cpuMicros() {
    return Spread.of(windows.stream().mapToDouble(Window::cpuMicros)).median();
  }

  private Window make(int callers) {
    Duration before = server.cpu();
    Calls.Result result = Calls.make(door, next, callers, calls);
    Duration used = server.cpu().minus(before);
    next += calls;
    return new Window(used.toNanos() / 1e3 / calls, result);
  }

  @Override
  public void close() {
    door.close();
  }
}
