package dev.tokenbroker.edges.edge;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Checks a few rows of a table at a time, because rows of faults mostly wait for a timeout. */
public final class Together {

  /** Few, so that the rows do not delay each other much. */
  private static final int AT_A_TIME = 4;

  private Together() {}

  /** The check of one row. */
  @FunctionalInterface
  public interface Check<T> {
    void of(T row) throws Exception;
  }

  /** A test for each row. Rows begin in this order: those that wait longest should come first. */
  public static <T> Stream<DynamicTest> check(
      Collection<T> rows, Function<T, String> name, Check<T> check) {
    ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
    List<DynamicTest> tests =
        rows.stream()
            .map(
                row -> {
                  Future<?> checked =
                      threads.submit(
                          () -> {
                            check.of(row);
                            return row;
                          });
                  return DynamicTest.dynamicTest(name.apply(row), () -> await(checked));
                })
            .toList();
    threads.shutdown();
    return tests.stream();
  }

  private static void await(Future<?> checked) throws Throwable {
    try {
      checked.get();
    } catch (ExecutionException failed) {
      throw failed.getCause() == null ? failed : failed.getCause();
    }
  }
}
