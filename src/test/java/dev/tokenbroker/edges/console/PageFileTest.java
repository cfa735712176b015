package dev.tokenbroker.edges.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PageFileTest {

  private static final Path FOLDER = Path.of("src/main/resources/dev/tokenbroker/edges/console");

  @Test
  void the_list_names_every_file_of_the_page() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> !name.equals("files.txt"))
          .containsExactlyInAnyOrderElementsOf(PageFile.all().keySet());
    }
    assertThat(PageFile.all()).containsKey(PageFile.INDEX);
  }
}
