package dev.tokenbroker.issue.sts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.process.runtime.Logged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFileTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"s3cret", "s3cret\n", "s3cret\r\n"})
  void a_line_break_at_the_end_is_not_part_of_a_secret(String content) throws IOException {
    assertThat(text(write(content)).value()).contains("s3cret");
  }

  @Test
  void blanks_are_part_of_a_secret() throws IOException {
    assertThat(text(write(" s3 cret \n")).value()).contains(" s3 cret ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "one\ntwo", "s3cret\n\n", "s3\tcret", "\0"})
  void what_is_no_single_line_is_no_secret(String content) throws IOException {
    assertThat(text(write(content)).value()).isEmpty();
  }

  /** As a document that names the file is judged (RFC 6749 appendix A.2). */
  @ParameterizedTest
  @ValueSource(
      strings = {"s3cr\u00e9t", "\ufeffs3cret", "s3cret\u0085", "s3cret\u2028", "s3cret\u007f"})
  void what_is_no_printable_ascii_is_no_secret(String content) throws IOException {
    assertThat(text(write(content)).value()).isEmpty();
    assertThat(SecretText.fault(Files.readAllBytes(directory.resolve("secret"))))
        .contains("holds other characters than printable ASCII (RFC 6749 appendix A.2)");
  }

  @Test
  void a_secret_is_not_endless_nor_a_directory_nor_binary() throws IOException {
    assertThat(text(write("x".repeat(4096))).value()).isPresent();
    assertThat(text(write("x".repeat(4097))).value()).isEmpty();
    assertThat(text(write("x".repeat(100_000))).value()).isEmpty();
    assertThat(text(directory).value()).isEmpty();
    assertThat(text(Files.write(directory.resolve("bytes"), new byte[] {-1, 1})).value()).isEmpty();
  }

  @Test
  void a_secret_that_changes_is_read_anew() throws IOException {
    SecretFile<String> secret = text(write("first"));
    write("second");
    assertThat(secret.value()).contains("first");

    secret.reread();

    assertThat(secret.value()).contains("second");
  }

  @Test
  void a_file_that_turns_bad_leaves_the_secret_as_it_was() throws IOException {
    SecretFile<String> secret = text(write("first"));
    write("");
    secret.reread();
    assertThat(secret.value()).contains("first");

    Files.delete(directory.resolve("secret"));
    secret.reread();
    assertThat(secret.value()).contains("first");

    write("third");
    secret.reread();
    assertThat(secret.value()).contains("third");
  }

  /** As the document that names the file is told of it. */
  @Test
  void who_rotates_a_secret_is_told_why_its_file_cannot_be_read() throws IOException {
    SecretFile<String> secret = text(write("first"));
    Path file = directory.resolve("secret");
    try (Logged log = Logged.open(SecretFile.class)) {
      write("x".repeat(64 * 1024 + 1));
      secret.reread();
      Files.delete(file);
      secret.reread();
      Files.createDirectory(file);
      secret.reread();
      secret.reread();

      assertThat(log.lines())
          .containsExactly(
              told(file, "it is larger than 64 KiB"),
              told(file, "it does not exist"),
              told(file, "it is not a regular file"));
    }
  }

  @Test
  void a_secret_that_comes_late_is_taken() throws IOException {
    SecretFile<String> secret = text(directory.resolve("secret"));
    assertThat(secret.value()).isEmpty();

    write("s3cret");
    secret.reread();

    assertThat(secret.value()).contains("s3cret");
  }

  @Test
  void a_key_is_read_by_the_rules_for_signing_keys() throws IOException {
    String key = TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate());

    assertThat(key(key)).isPresent();
    assertThat(key("s3cret")).isEmpty();
    assertThat(key(key + key)).as("two").isEmpty();
  }

  private Optional<?> key(String content) throws IOException {
    return new SecretFile<>(
            "The client key", "corp-sso", write(content), ClientKeyFile::read, ChangeListener.NONE)
        .value();
  }

  private static String told(Path file, String why) {
    return "WARNING The client secret for upstream corp-sso: %s cannot be read: %s; it stays as it was"
        .formatted(file, why);
  }

  @Test
  void another_content_is_a_change_and_reveals_nothing_of_it() throws IOException {
    List<Change> changes = new ArrayList<>();
    Path path = write("s3cret");
    SecretFile<String> file = text(path, changes::add);
    file.reread();
    assertThat(changes).isEmpty();

    write("another");
    file.reread();
    file.reread();
    write("two\nlines");
    file.reread();

    assertThat(changes)
        .extracting(Change::kind)
        .containsExactly(ChangeKind.SECRET_RELOADED, ChangeKind.SECRET_REJECTED);
    assertThat(changes)
        .allSatisfy(
            change -> {
              assertThat(change.subject()).isEqualTo("corp-sso");
              assertThat(change.is())
                  .startsWith(path.toString())
                  .doesNotContain("s3cret", "lines ");
            });
  }

  private static SecretFile<String> text(Path file) {
    return text(file, ChangeListener.NONE);
  }

  private static SecretFile<String> text(Path file, ChangeListener changes) {
    return new SecretFile<>("The client secret", "corp-sso", file, SecretText::read, changes);
  }

  private Path write(String content) throws IOException {
    return Files.writeString(directory.resolve("secret"), content);
  }
}
