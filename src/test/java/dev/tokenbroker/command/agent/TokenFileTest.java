package dev.tokenbroker.command.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {

  private static final Instant END = Instant.parse("2030-01-01T00:00:00Z");

  @TempDir Path directory;
  private Path path;
  private TokenFile file;

  @BeforeEach
  void name() {
    path = directory.resolve("token");
    file = file("rw-------");
  }

  @Test
  void is_for_the_owner_alone_and_leaves_nothing_else() throws IOException {
    file.write("secret", END);

    assertThat(path).hasContent("secret");
    assertThat(mode()).isEqualTo("rw-------");
    assertThat(Files.getLastModifiedTime(path).toInstant()).isEqualTo(END);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void has_the_mode_whatever_the_mask_and_whatever_stood_there() throws IOException {
    Files.writeString(path, "old");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    file("rw-rw-r--").write("new", END);

    assertThat(path).hasContent("new");
    assertThat(mode()).isEqualTo("rw-rw-r--");
  }

  @Test
  void replaces_a_link_and_not_the_file_that_it_leads_to() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "other");
    Files.createSymbolicLink(path, other);
    Files.createSymbolicLink(directory.resolve(".token.new"), other);
    file.write("new", END);

    assertThat(other).hasContent("other");
    assertThat(path).hasContent("new").isRegularFile();
    assertThat(Files.isSymbolicLink(path)).isFalse();
  }

  @Test
  void leaves_the_target_of_a_late_link_alone() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "other");
    FileTime before = Files.getLastModifiedTime(other);
    Path unready = directory.resolve(".token.new");
    Path link = Files.createSymbolicLink(directory.resolve("link"), other);
    AtomicBoolean ended = new AtomicBoolean();
    CompletableFuture<Void> intruder =
        CompletableFuture.runAsync(
            () -> {
              while (!ended.get() && !Files.exists(unready)) {
                Thread.onSpinWait();
              }
              rename(link, unready);
            });
    String slow = "x".repeat(1 << 25);
    Throwable _ = catchThrowable(() -> file.write(slow, END)); // fails unless the link came late
    ended.set(true);
    intruder.join();

    assertThat(Files.getLastModifiedTime(other)).isEqualTo(before);
    assertThat(other).hasContent("other");
  }

  @Test
  void keeps_what_was_there_where_it_cannot_be_written() throws IOException {
    file.write("old", END);
    Files.createDirectories(directory.resolve(".token.new/full"));

    assertThatThrownBy(() -> file.write("new", END)).isInstanceOf(IOException.class);
    assertThat(path).hasContent("old");
  }

  @Test
  void may_be_given_to_the_user_who_has_it_anyway() throws IOException {
    TokenFile owned =
        new TokenFile(
            path,
            PosixFilePermissions.fromString("rw-r-----"),
            Files.getOwner(directory),
            FileSystems.getDefault()
                .getUserPrincipalLookupService()
                .lookupPrincipalByGroupName(
                    Objects.toString(Files.getAttribute(directory, "unix:gid"))));

    assertThat(owned.canHaveOwner()).isTrue();
    owned.write("mine", END);
    assertThat(Files.getOwner(path)).isEqualTo(Files.getOwner(directory));
    assertThat(mode()).isEqualTo("rw-r-----");
  }

  @Test
  void a_reader_in_a_tight_loop_sees_whole_contents_only() throws IOException {
    Set<String> contents = Set.of("a".repeat(10_000), "b".repeat(3), "c".repeat(70_000));
    file.write(contents.iterator().next(), END);
    AtomicBoolean ended = new AtomicBoolean();
    Set<String> seen = ConcurrentHashMap.newKeySet();
    CompletableFuture<Void> reader =
        CompletableFuture.runAsync(
            () -> {
              while (!ended.get()) {
                seen.add(read());
              }
            });
    for (int round = 0; round < 300; round++) {
      for (String content : contents) {
        file.write(content, END);
      }
    }
    ended.set(true);
    reader.join();

    assertThat(seen).isNotEmpty();
    assertThat(contents).containsAll(seen);
  }

  private static void rename(Path from, Path to) {
    Unchecked.run(() -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE));
  }

  private String read() {
    try {
      return Files.readString(path);
    } catch (IOException missing) {
      return "missing: " + missing;
    }
  }

  private String mode() throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private TokenFile file(String mode) {
    return new TokenFile(path, PosixFilePermissions.fromString(mode), null, null);
  }
}
