package dev.tokenbroker.evaluate.federation.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Problems;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceFilesTest {

  private static final Path KEYS = Path.of("keys.json");

  @TempDir Path directory;
  private final AtomicInteger looks = new AtomicInteger();

  @BeforeEach
  void mountConfigMap() throws IOException {
    swapTo("0");
    Files.createSymbolicLink(directory.resolve("a.yaml"), Path.of("..data", "a.yaml"));
    Files.createSymbolicLink(directory.resolve(KEYS), Path.of("..data").resolve(KEYS));
  }

  @Test
  void reads_once_where_nothing_changes() {
    List<String> read = SourceFiles.settled(directory, null, files -> read(files, 0));
    assertThat(read).containsExactly("0", "0");
    assertThat(looks).hasValue(1);
  }

  @Test
  void never_mixes_document_and_key_file_across_a_swap() {
    List<String> read = SourceFiles.settled(directory, null, files -> read(files, 1));
    assertThat(read).containsExactly("1", "1");
    assertThat(looks).hasValue(2);
  }

  @Test
  void gives_up_if_files_keep_changing_and_the_fingerprint_shows_it() {
    SourceFiles last =
        SourceFiles.settled(
            directory,
            null,
            files -> {
              read(files, Integer.MAX_VALUE);
              return files;
            });
    assertThat(looks).hasValue(5);
    assertThat(last.fingerprint()).isNotEqualTo(SourceFiles.fingerprint(directory, last.look()));
  }

  /** The document and its keys, of a ConfigMap that is swapped in between, so many times. */
  private List<String> read(SourceFiles files, int swaps) {
    try {
      String document = files.documents(new Problems()).getFirst().text();
      int look = looks.incrementAndGet();
      if (look <= swaps) {
        swapTo(Integer.toString(look));
      }
      return List.of(document, new String(files.beside(KEYS), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void swapTo(String content) throws IOException {
    Path side = Files.createDirectory(directory.resolve(".." + content));
    Files.writeString(side.resolve("a.yaml"), content);
    Files.writeString(side.resolve(KEYS), content);
    Path next = Files.createSymbolicLink(directory.resolve("..tmp"), side.getFileName());
    Files.move(next, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }
}
