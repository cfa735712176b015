package dev.tokenbroker.peers.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** All that a thief of a server gets. */
final class StoreDump {

  private StoreDump() {}

  /** The names and values, as they are and with their base64 removed, as one text. */
  static String of(ValkeyServer server) {
    List<String> names = server.admin("KEYS", "*");
    return names.stream()
        .map(name -> name + "\n" + String.join("\n", values(server, name)))
        .collect(Collectors.joining("\n"));
  }

  private static List<String> values(ValkeyServer server, String name) {
    List<String> values =
        server.admin("TYPE", name).getFirst().equals("zset")
            ? server.admin("ZRANGE", name, "0", "-1")
            : server.admin("GET", name);
    return values.stream().map(value -> value + "\n" + decoded(value)).toList();
  }

  /** An epoch is readable as it is, and no base64. */
  private static String decoded(String value) {
    return value.matches("[\\w-]*")
        ? new String(Base64.getUrlDecoder().decode(value), ISO_8859_1)
        : "";
  }
}
