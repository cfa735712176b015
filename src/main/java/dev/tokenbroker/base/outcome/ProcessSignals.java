package dev.tokenbroker.base.outcome;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.reflect.Proxy;

/**
 * Handles signals of the operating system, and sends them.
 *
 * <p>Only {@code sun.misc.Signal} of the JDK handles them. It is called by name, because the
 * compiler warns of each mention and no annotation suppresses that. The JDK itself can send SIGTERM
 * and SIGKILL alone; for others {@link #send} needs a shell.
 */
public final class ProcessSignals {

  private static final File NOTHING = new File("/dev/null");

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
    if (name.equals("TERM")) {
      return ProcessHandle.of(process).filter(ProcessHandle::destroy).isPresent();
    }
    try {
      // A shell has kill built in; the program of that name is missing in many containers.
      return new ProcessBuilder("/bin/sh", "-c", "kill -s \"$0\" \"$1\"", name, "" + process)
              .redirectInput(NOTHING)
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException noShell) {
      return false;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
