package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreKeysTest {

  @TempDir Path directory;

  private final TestClock clock = new TestClock();
  private Path first;
  private Path second;

  @BeforeEach
  void write() throws IOException {
    first = Files.writeString(directory.resolve("first"), "a".repeat(32));
    second = Files.writeString(directory.resolve("second"), "b".repeat(32));
  }

  @Test
  void has_the_keys_in_the_order_of_the_files() {
    assertThat(names(keys(first, second)))
        .containsExactly(names(keys(first)).getFirst(), names(keys(second)).getFirst());
  }

  @Test
  void reads_the_files_again_once_a_second() throws IOException {
    StoreKeys keys = keys(first);
    List<String> before = names(keys);
    Files.writeString(first, "c".repeat(32));

    assertThat(names(keys)).isEqualTo(before);
    clock.advance(Duration.ofMillis(1001));
    assertThat(names(keys)).isNotEqualTo(before).isEqualTo(names(keys(first)));
  }

  @Test
  void refuses_the_key_that_stood_in_the_sources() throws IOException {
    Files.writeString(first, "Only for trying: everybody can read this key.\n");

    assertThat(StoreKeys.problem(TestStoreSettings.withKeys(first)).orElseThrow())
        .contains("everybody knows it");
  }

  @Test
  void keeps_the_keys_while_a_file_is_unusable() throws IOException {
    StoreKeys keys = keys(first, second);
    List<String> before = names(keys);
    for (String content : List.of("", "too short")) {
      Files.writeString(second, content);
      clock.advance(Duration.ofSeconds(2));
      assertThat(names(keys)).isEqualTo(before);
    }
    Files.delete(second);
    clock.advance(Duration.ofSeconds(2));
    assertThat(names(keys)).isEqualTo(before);
  }

  @Test
  void is_not_made_of_files_that_are_unusable() throws IOException {
    Path missing = directory.resolve("missing");
    Path brief = Files.writeString(directory.resolve("brief"), "0123456789".repeat(3));
    Path large = Files.writeString(directory.resolve("large"), "a".repeat(4097));

    assertThatThrownBy(this::keys).hasMessage("names 0 files");
    assertThatThrownBy(() -> keys(first, first, first, first, first)).hasMessage("names 5 files");
    assertThatThrownBy(() -> keys(first, missing)).hasMessageEndingWith("it does not exist");
    assertThatThrownBy(() -> keys(brief)).hasMessageEndingWith("fewer than 32 bytes");
    assertThatThrownBy(() -> keys(large)).hasMessageEndingWith("larger than 4 KiB");
    assertThat(StoreKeys.problem(TestStoreSettings.withKeys(brief)))
        .hasValueSatisfying(problem -> assertThat(problem).doesNotContain("0123456789"));
    assertThat(StoreKeys.problem(TestStoreSettings.withKeys(first))).isEmpty();
  }

  private StoreKeys keys(Path... files) {
    return new StoreKeys(List.of(files), clock::nanoTime);
  }

  private static List<String> names(StoreKeys keys) {
    return keys.current().stream()
        .map(key -> key.name("t", StoreKind.PROOF.label(), "id"))
        .toList();
  }
}
