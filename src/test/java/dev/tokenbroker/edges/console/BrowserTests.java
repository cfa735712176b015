package dev.tokenbroker.edges.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The tests of {@code src/browser}, each a file that Node runs with a Chromium of its own. */
final class BrowserTests {

  /** Where the build has put them and their packages. */
  private static final Path HOME = Path.of("target", "browser").toAbsolutePath();

  /** For how many seconds of 50 exchanges a page is watched, and how long each of them takes. */
  private static final String WATCHED_SECONDS = System.getProperty("watched.seconds", "");

  private static final String PACE_MILLIS = System.getProperty("watched.pace-millis", "");

  private static final long PATIENCE_SECONDS = Long.getLong("watched.patience-seconds", 600);

  private BrowserTests() {}

  /** Runs the tests of a file against a broker; each must pass, and there must be some. */
  static void pass(String file, WatchedBroker broker) {
    pass(file, broker.url(), broker.stage());
  }

  /**
   * The same for any broker.
   *
   * @param stage where a test has things happen
   */
  static void pass(String file, URI broker, String stage) {
    Path output = HOME.resolve(file + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(List.of("node", "--test", "--test-reporter=tap", file))
            .directory(HOME.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
    // Nothing else of this machine's environment: proxies are for others.
    builder.environment().clear();
    builder.environment().put("PATH", path);
    builder.environment().put("BASE_URL", broker.toString());
    builder.environment().put("STAGE_URL", stage);
    builder.environment().put("WATCHED_SECONDS", WATCHED_SECONDS);
    builder.environment().put("PACE_MILLIS", PACE_MILLIS);
    try {
      Process node = builder.start();
      boolean ended = node.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      node.descendants().forEach(ProcessHandle::destroyForcibly);
      node.destroyForcibly();
      String said = Files.readString(output, UTF_8);
      assertThat(ended).as(said).isTrue();
      assertThat(node.exitValue()).as(said).isZero();
      assertThat(said)
          .containsPattern("# pass [1-9]")
          .contains("# fail 0", "# cancelled 0", "# skipped 0", "# todo 0");
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }
}
