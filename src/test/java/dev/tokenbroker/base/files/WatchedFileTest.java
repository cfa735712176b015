package dev.tokenbroker.base.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFileTest {

  @TempDir Path directory;

  private final List<String> news = new ArrayList<>();
  private int reads;

  @Test
  void reads_a_content_once_and_tells_of_each_other_one() throws IOException {
    WatchedFile<String> file = watched(directory.resolve("secret"));
    write("first");
    FileContent<String> first = file.look();
    assertThat(file.look()).isSameAs(first);
    write("second");
    file.look();
    file.look();

    assertThat(first).isEqualTo(new Usable<>("first"));
    assertThat(news).containsExactly("null -> first", "first -> second");
    assertThat(reads).isEqualTo(2);
  }

  /** Some volumes keep the time of a file, and an editor may keep its size. */
  @Test
  void notices_another_content_of_the_same_size_and_time() throws IOException {
    WatchedFile<String> file = watched(write("first"));
    FileTime time = FileTime.fromMillis(1);
    Files.setLastModifiedTime(file.path(), time);
    file.look();
    write("other");
    Files.setLastModifiedTime(file.path(), time);

    assertThat(file.look()).isEqualTo(new Usable<>("other"));
  }

  /** Kubernetes replaces the symbolic link ..data, and leaves the files themselves alone. */
  @Test
  void follows_the_links_of_a_projected_volume() throws IOException {
    Path data = directory.resolve("..data");
    volume("one", "first");
    Files.createSymbolicLink(data, Path.of("one"));
    Path link = Files.createSymbolicLink(directory.resolve("secret"), Path.of("..data", "secret"));
    WatchedFile<String> file = watched(link);
    file.look();
    volume("two", "second");
    Path swapped = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("two"));
    Files.move(swapped, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

    assertThat(file.look()).isEqualTo(new Usable<>("second"));
    assertThat(news).containsExactly("null -> first", "first -> second");
  }

  @Test
  void explains_once_why_there_is_no_value() throws IOException {
    WatchedFile<String> file = watched(directory.resolve("secret"));
    file.look();
    file.look();
    write("x".repeat(1025));
    file.look();
    write("bad");
    file.look();
    write("good");

    assertThat(file.look().fault()).isEmpty();
    assertThat(news)
        .containsExactly(
            "null -> cannot be read: it does not exist",
            "cannot be read: it does not exist -> cannot be read: it is larger than 1 KiB",
            "cannot be read: it is larger than 1 KiB -> holds nothing good",
            "holds nothing good -> good");
  }

  @Test
  void tries_a_content_again_whose_reader_failed() throws IOException {
    WatchedFile<String> file = watched(write("bug"));

    assertThatThrownBy(file::look).hasMessage("bug");
    assertThatThrownBy(file::look).hasMessage("bug");
    assertThat(news).isEmpty();
  }

  @Test
  void shows_no_value() throws IOException {
    assertThat(watched(write("s3cret")).look().toString()).doesNotContain("s3cret");
  }

  private WatchedFile<String> watched(Path file) {
    return new WatchedFile<>(
        file, 1024, this::read, (before, now) -> news.add(shown(before) + " -> " + shown(now)));
  }

  private FileContent<String> read(byte[] bytes) {
    reads++;
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.equals("bug")) {
      throw new IllegalStateException(text);
    }
    return text.equals("bad") ? new Unusable<>("holds nothing good") : new Usable<>(text);
  }

  private static String shown(@Nullable FileContent<String> content) {
    return switch (content) {
      case null -> "null";
      case Usable<String>(String value) -> value;
      case Unusable<String>(String problem) -> problem;
    };
  }

  private void volume(String name, String content) throws IOException {
    Path folder = Files.createDirectory(directory.resolve(name));
    Files.writeString(folder.resolve("secret"), content);
  }

  private Path write(String content) throws IOException {
    return Files.writeString(directory.resolve("secret"), content);
  }
}
