package dev.tokenbroker.base.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineFileTest {

  @TempDir Path directory;
  private Path path;
  private Path victim;
  private LineFile file;

  @BeforeEach
  void prepare() throws IOException {
    path = directory.resolve("lines");
    victim = Files.writeString(directory.resolve("victim"), "untouched\n");
    file = new LineFile(path);
  }

  @Test
  void writes_whole_and_then_appends() throws IOException {
    replace("one\n");
    append("two\n");
    assertThat(file.size()).isEqualTo(8);
    file.close();
    append("three\n");

    assertThat(path).hasContent("one\ntwo\n\nthree\n");
    assertThat(new String(file.read().readAllBytes(), StandardCharsets.US_ASCII))
        .isEqualTo("one\ntwo\n\nthree\n");
  }

  @Test
  void reads_no_file_that_is_missing() {
    assertThatThrownBy(() -> file.read()).isInstanceOf(NoSuchFileException.class);
    assertThat(file.isOpen()).isFalse();
  }

  @Test
  void a_link_in_place_of_the_file_is_neither_read_nor_appended_to() throws IOException {
    Files.createSymbolicLink(path, victim);

    assertThatThrownBy(() -> append("line\n")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> file.read()).isInstanceOf(IOException.class);
    replace("line\n");

    assertThat(victim).hasContent("untouched\n");
    assertThat(path).isRegularFile().hasContent("line\n");
    assertThat(Files.isSymbolicLink(path)).isFalse();
  }

  @Test
  void a_link_that_leads_nowhere_makes_no_file() throws IOException {
    Files.createSymbolicLink(path, directory.resolve("made"));

    assertThatThrownBy(() -> append("line\n")).isInstanceOf(IOException.class);

    assertThat(directory.resolve("made")).doesNotExist();
  }

  @Test
  void a_link_in_place_of_the_new_file_is_not_followed() throws IOException {
    Files.createSymbolicLink(file.beside("new"), victim);

    replace("line\n");

    assertThat(victim).hasContent("untouched\n");
    assertThat(path).isRegularFile().hasContent("line\n");
    assertThat(file.beside("new")).doesNotExist();
  }

  @Test
  void only_the_owner_may_read_a_new_file() throws IOException {
    append("line\n");
    assertThat(mode()).isEqualTo("rw-------");

    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
    replace("line\n");
    assertThat(mode()).isEqualTo("rw-------");
  }

  @Test
  void a_crash_between_write_and_move_leaves_the_old_file_whole() throws IOException {
    replace("old\n");

    assertThatThrownBy(
            () ->
                file.replace(
                    output -> {
                      output.write("half of a li".getBytes(StandardCharsets.US_ASCII));
                      output.flush();
                      throw new IllegalStateException("crash");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(path).hasContent("old\n");
    assertThat(file.isOpen()).isFalse();

    replace("new\n");
    assertThat(path).hasContent("new\n");
  }

  @Test
  void a_failed_move_leaves_the_old_content_whole() throws IOException {
    Files.createDirectories(path.resolve("occupied"));

    assertThatThrownBy(() -> replace("new\n")).isInstanceOf(IOException.class);

    assertThat(path.resolve("occupied")).isDirectory();
    assertThat(file.isOpen()).isFalse();
  }

  @Test
  void keeps_as_many_earlier_files_as_it_may() throws IOException {
    for (String line : new String[] {"1\n", "2\n", "3\n"}) {
      replace(line);
      file.rotate(2);
    }
    file.rotate(2);

    assertThat(path).doesNotExist();
    assertThat(file.beside("1")).hasContent("3\n");
    assertThat(file.beside("2")).hasContent("2\n");
    assertThat(file.beside("3")).doesNotExist();

    replace("4\n");
    file.rotate(0);
    assertThat(path).doesNotExist();
    assertThat(file.beside("1")).hasContent("3\n");
  }

  private void replace(String lines) throws IOException {
    file.replace(output -> output.write(lines.getBytes(StandardCharsets.US_ASCII)));
  }

  private void append(String line) throws IOException {
    file.append(line.getBytes(StandardCharsets.US_ASCII));
  }

  private String mode() throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
