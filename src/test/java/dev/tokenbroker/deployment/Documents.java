package dev.tokenbroker.deployment;

import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** YAML files as trees, and ways into them. A path is keys and indexes: {@code spec.ports.0}. */
final class Documents {

  private Documents() {}

  /** All documents of a file; a key that stands twice is refused. */
  static List<Map<String, Object>> of(Path file) {
    return ofText(text(file));
  }

  /** All documents of a text; a key that stands twice is refused. */
  static List<Map<String, Object>> ofText(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    return StreamSupport.stream(
            new Yaml(new SafeConstructor(options)).loadAll(text).spliterator(), false)
        .map(Documents::map)
        .toList();
  }

  static void write(Path file, Map<String, Object> document) throws IOException {
    Files.writeString(file, new Yaml().dump(document));
  }

  /** The one document of a file. */
  static Map<String, Object> one(Path file) {
    List<Map<String, Object>> all = of(file);
    if (all.size() != 1) {
      throw new IllegalStateException(file + " has " + all.size() + " documents");
    }
    return all.getFirst();
  }

  static String text(Path file) {
    return Unchecked.get(() -> Files.readString(file));
  }

  /** What is there; null for nothing. */
  static @Nullable Object find(Object in, String path) {
    Object at = in;
    for (String key : path.split("\\.", -1)) {
      if (at instanceof List<?> list) {
        int index = Integer.parseInt(key);
        at = index < list.size() ? list.get(index) : null;
      } else {
        at = at instanceof Map<?, ?> map ? map.get(key) : null;
      }
    }
    return at;
  }

  static Object get(Object in, String path) {
    return Objects.requireNonNull(find(in, path), path);
  }

  static Map<String, Object> map(Object in, String path) {
    return map(get(in, path));
  }

  /** The maps of a list. */
  static List<Map<String, Object>> maps(Object in, String path) {
    return ((List<?>) get(in, path)).stream().map(Documents::map).toList();
  }

  static List<String> texts(Object in, String path) {
    return ((List<?>) get(in, path)).stream().map(String::valueOf).toList();
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object node) {
    return (Map<String, Object>) node;
  }
}
