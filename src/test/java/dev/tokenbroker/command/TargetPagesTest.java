package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.tokenbroker.command.Shell.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The documents that the pages about targets print are good, and the pages are all listed. */
class TargetPagesTest {

  private static final Path PAGES = Path.of("src/docs/use/targets");
  private static final String INDEX = "README.md";

  static final String ISSUER =
      """
      issuers:
        - {name: ci, issuer: https://token.actions.githubusercontent.com, audiences: [https://broker.acme.example]}
      """;

  /** The private key of an App, which pages name as a file beside the document. */
  private static final String APP_KEY = "app.pem";

  private static final String KEY = key();

  @TempDir Path directory;

  @BeforeEach
  void write() throws IOException {
    writeAppKey(directory);
  }

  static void writeAppKey(Path directory) throws IOException {
    Files.writeString(directory.resolve(APP_KEY), KEY);
  }

  private static String key() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
      return "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
          .formatted(Base64.getMimeEncoder().encodeToString(key));
    } catch (NoSuchAlgorithmException missing) {
      throw new AssertionError(missing);
    }
  }

  static List<String> pages() throws IOException {
    try (Stream<Path> files = Files.list(PAGES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(INDEX))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void each_document_of_a_page_loads_without_a_warning(String page) throws IOException {
    List<String> documents =
        Splitter.on("\n```")
            .splitToStream(Files.readString(PAGES.resolve(page)))
            .filter(block -> block.startsWith("yaml\n") && block.contains("\ntargets:\n"))
            .map(block -> block.substring("yaml\n".length()) + "\n" + ISSUER)
            .toList();

    assertThat(documents).isNotEmpty();
    for (String document : documents) {
      Path file = Files.writeString(directory.resolve("federation.yaml"), document);
      Ran ran = new Shell().run("check", "--fail-on", "warning", file.toString());

      assertThat(ran.err()).as(document).isEmpty();
      assertThat(ran.code()).isZero();
    }
  }

  @Test
  void the_index_lists_each_page() throws IOException {
    String index = Files.readString(PAGES.resolve(INDEX));

    assertThat(pages()).allSatisfy(page -> assertThat(index).contains("](" + page + ")"));
  }
}
