package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.LaunchMode;
import java.io.IOException;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailedStartTest {

  @Test
  void dev_mode_says_why_it_does_not_start_and_goes_on() throws Exception {
    assertThat(output(InDevMode.class))
        .contains("The broker does not start:", "Address already in use", "end the process")
        .endsWith("dev mode goes on\n");
  }

  /** What a process of that class writes. */
  private static String output(Class<?> main) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    main.getName()))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** A process of its own: the launch mode holds for a whole one. */
  public static final class InDevMode {

    private InDevMode() {}

    public static void main(String... arguments) {
      LaunchMode.set(LaunchMode.DEVELOPMENT);
      ApplicationLifecycleManager.setDefaultExitCodeHandler(
          (_, _) -> System.out.println("dev mode goes on"));
      FailedStart.ended(1, new BindException("Address already in use"));
    }
  }
}
