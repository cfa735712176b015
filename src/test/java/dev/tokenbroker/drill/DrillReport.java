package dev.tokenbroker.drill;

import dev.tokenbroker.drill.DrilledBroker.Got;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;

/** What the broker said of each fault, for the eye: {@code target/drill/report.txt}. */
final class DrillReport {

  private static final Path FILE = Path.of("target", "drill", "report.txt");

  private DrillReport() {}

  static void begin() throws IOException {
    Files.createDirectories(Objects.requireNonNull(FILE.getParent()));
    Files.writeString(FILE, "");
  }

  static void add(Fault fault, Fault.Edge edge, Got got, ReadVerdict verdict) {
    List<String> lines =
        List.of(
            "== " + fault.name + " (" + edge + "): " + got.reason(),
            "caller: " + got.text(),
            "remedy: " + verdict.remedy(),
            verdict.evidence());
    Unchecked.run(() -> Files.write(FILE, lines, StandardOpenOption.APPEND));
  }
}
