package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SettingGroupsTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden/settings.txt");

  @Test
  void are_those_of_the_settings() throws IOException {
    Set<String> groups =
        Files.readAllLines(GOLDEN).stream()
            .filter(line -> line.startsWith("token-broker."))
            .map(line -> line.split("\\.", 3)[1])
            .collect(Collectors.toSet());

    assertThat(SettingGroups.KNOWN).containsExactlyInAnyOrderElementsOf(groups);
  }

  @Test
  void refuses_a_misspelt_group_by_the_whole_name() {
    assertThat(
            SettingGroups.unfit(
                List.of(
                    "token-broker.isuer.key-cool-down",
                    "token-broker.issuer.key-cool-down",
                    "token-broker.upstream.guard.cool-down",
                    "token.broker.isuer",
                    "quarkus.http.port")))
        .extracting(UnfitSetting::setting)
        .containsExactly("token-broker.isuer.key-cool-down");
  }
}
