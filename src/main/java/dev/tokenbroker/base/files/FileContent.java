package dev.tokenbroker.base.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * The content of a small file: a value, or the problem with it.
 *
 * @param <T> the value
 */
public sealed interface FileContent<T> {

  /** A value that can be used. */
  record Usable<T>(T value) implements FileContent<T> {

    /** Does not show the value, which may be a secret. */
    @Override
    public String toString() {
      return "Usable";
    }
  }

  /**
   * No value.
   *
   * @param problem a predicate to the name of the file; it reveals nothing of the content
   */
  record Unusable<T>(String problem) implements FileContent<T> {}

  /**
   * The bytes of the file as it is now.
   *
   * @param maxBytes as for {@link BoundedFile#read}
   */
  static FileContent<byte[]> bytes(Path file, int maxBytes) {
    try {
      return new Usable<>(BoundedFile.read(file, maxBytes));
    } catch (IOException unreadable) {
      return new Unusable<>("cannot be read: " + BoundedFile.why(unreadable));
    }
  }

  /** Reads the value on; a problem stays as it is. */
  default <R> FileContent<R> then(Function<T, FileContent<R>> reader) {
    return switch (this) {
      case Usable<T>(T value) -> reader.apply(value);
      case Unusable<T>(String problem) -> new Unusable<>(problem);
    };
  }

  /** The problem; empty if there is a value. */
  default Optional<String> fault() {
    return this instanceof Unusable<T>(String problem) ? Optional.of(problem) : Optional.empty();
  }
}
