package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.files.Resource;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** One file of the page, read from the resources of the broker. Immutable. */
final class PageFile {

  /** The file that the address of the page itself stands for. */
  static final String INDEX = "index.html";

  /** The resource that lists the names of all files, one a line. */
  private static final String LIST = "files.txt";

  private static final Map<String, String> MEDIA_TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");

  private final byte[] bytes;
  private final String mediaType;

  private PageFile(String name) {
    this.bytes = Resource.text(PageFile.class, name).getBytes(StandardCharsets.UTF_8);
    this.mediaType =
        Objects.requireNonNull(
            MEDIA_TYPES.get(name.substring(name.lastIndexOf('.') + 1)), "unknown kind of file");
  }

  /** All files, by name. */
  static Map<String, PageFile> all() {
    return Resource.text(PageFile.class, LIST)
        .lines()
        .collect(Collectors.toUnmodifiableMap(Function.identity(), PageFile::new));
  }

  byte[] bytes() {
    return bytes;
  }

  String mediaType() {
    return mediaType;
  }
}
