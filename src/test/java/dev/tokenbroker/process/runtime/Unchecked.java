package dev.tokenbroker.process.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Runs work whose checked exceptions no test expects, and throws what a test wants thrown. */
public final class Unchecked {

  /** Work without a result. */
  @FunctionalInterface
  public interface Work {
    void run() throws Exception;
  }

  private Unchecked() {}

  /** The result of the work; an {@link IOException} is thrown as an unchecked one. */
  public static <T extends @Nullable Object> T get(Callable<T> work) {
    try {
      return work.call();
    } catch (RuntimeException unchecked) {
      throw unchecked;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    } catch (Exception broken) {
      throw new AssertionError(broken);
    }
  }

  public static void run(Work work) {
    Unchecked.<@Nullable Void>get(
        () -> {
          work.run();
          return null;
        });
  }

  /**
   * Throws where an expression stands.
   *
   * @param unchecked an error or a {@link RuntimeException}
   */
  @SuppressWarnings("TypeParameterUnusedInFormals") // Never returns, so any type is right.
  public static <T extends @Nullable Object> T raise(Throwable unchecked) {
    if (unchecked instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) unchecked;
  }
}
