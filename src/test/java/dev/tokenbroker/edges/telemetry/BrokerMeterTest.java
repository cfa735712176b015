package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds meters, their golden file and their document together. */
class BrokerMeterTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void every_meter_has_name_type_unit_and_labels_of_the_golden_file() {
    AllMeters.register(registry);
    assertThat(
            registry.getMeters().stream()
                // The simple registry shows each bucket as a gauge of its own.
                .filter(meter -> !meter.getId().getName().endsWith(".histogram"))
                .map(BrokerMeterTest::line)
                .distinct()
                .sorted()
                .toList())
        .containsExactlyElementsOf(Golden.lines("meters.txt"));
  }

  @Test
  void every_constant_names_a_meter_of_the_golden_file() {
    List<String> golden =
        Golden.lines("meters.txt").stream().map(line -> line.split(" ", -1)[0]).toList();
    List<String> constants =
        Arrays.stream(BrokerMeter.values()).map(BrokerMeter::id).sorted().toList();
    assertThat(constants).containsExactlyElementsOf(golden);
  }

  @Test
  void every_meter_stands_in_the_document() throws IOException {
    String document = Files.readString(Path.of("src/docs/operate/metrics.md"));
    assertThat(Golden.lines("meters.txt"))
        .allSatisfy(line -> assertThat(document).contains("`" + line.split(" ", -1)[0] + "`"));
  }

  // name type unit label,label
  private static String line(Meter meter) {
    return String.join(
        " ",
        meter.getId().getName(),
        meter.getId().getType().name().toLowerCase(Locale.ROOT),
        Objects.requireNonNullElse(meter.getId().getBaseUnit(), "-"),
        meter.getId().getTags().isEmpty()
            ? "-"
            : meter.getId().getTags().stream().map(Tag::getKey).collect(Collectors.joining(",")));
  }
}
