package dev.tokenbroker.federation;

import dev.tokenbroker.jose.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * The bytes of a document, for the {@link History}. It never contains secrets.
 *
 * @param base the directory at which relative paths in the document begin
 * @param digest the digest of the content of the document's files alone
 * @param documents the content of the document's files by their names
 * @param keySets the content of the files with public keys, by their path in the document
 */
public record DocumentCopy(
    Path base, String digest, Map<String, byte[]> documents, Map<Path, byte[]> keySets) {

  /** The name of the copy of a file with public keys. */
  static String nameOf(Path named) {
    return Sha256.hex(named.toString().getBytes(StandardCharsets.UTF_8));
  }
}
