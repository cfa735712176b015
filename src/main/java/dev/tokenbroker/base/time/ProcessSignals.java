package dev.tokenbroker.base.time;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Handles signals of the operating system, sends them, and runs programs.
 *
 * <p>Only {@code sun.misc.Signal} of the JDK handles them. It is called by name, because the
 * compiler warns of each mention and no annotation suppresses that. The JDK itself can send SIGTERM
 * and SIGKILL alone; for others {@link #send} needs a shell.
 */
public final class ProcessSignals {

  private static final int LONGEST_RUN_SECONDS = 30;

  private ProcessSignals() {}

  /**
   * Runs the action each time this process gets the signal, in place of what the signal does
   * otherwise.
   *
   * @param name without SIG, such as TERM
   * @param action called on a thread of the JDK for signals; must not wait
   * @return false if the JVM needs the signal itself, or the system does not have it
   */
  public static boolean handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              ProcessSignals.class.getClassLoader(),
              new Class<?>[] {handler},
              (_, _, _) -> {
                action.run();
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
      return true;
    } catch (ReflectiveOperationException refused) {
      return false;
    }
  }

  /**
   * Sends a signal to one process, and waits until it is sent.
   *
   * @param process its number
   * @param name without SIG, such as HUP
   * @return false if there is no such process or signal, if this process may not send it, or if
   *     there is no shell and the signal is not TERM
   */
  public static boolean send(long process, String name) {
    // A shell has kill built in; the program of that name is missing in many containers.
    return name.equals("TERM")
        ? ProcessHandle.of(process).filter(ProcessHandle::destroy).isPresent()
        : run(List.of("/bin/sh", "-c", "kill -s " + name + " " + process + " 2>/dev/null"));
  }

  /**
   * Runs a program without a shell and without standard input, for at most 30 s.
   *
   * @return whether it has ended well
   */
  public static boolean run(List<String> command) {
    try {
      Process program =
          new ProcessBuilder(command).inheritIO().redirectInput(new File("/dev/null")).start();
      try {
        return program.waitFor(LONGEST_RUN_SECONDS, TimeUnit.SECONDS) && program.exitValue() == 0;
      } finally {
        program.descendants().forEach(ProcessHandle::destroyForcibly);
        program.destroyForcibly();
      }
    } catch (IOException cannotBegin) {
      return false;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
