package dev.tokenbroker.token;

import dev.tokenbroker.token.SecretFile.Content;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Client secrets: one line of text without control characters, of at most 4096 characters. */
final class SecretText {

  private static final int MAX_CHARS = 4096;

  private SecretText() {}

  static SecretFile<String> load(String upstream, Path file) {
    return SecretFile.load("The client secret for upstream " + upstream, file, SecretText::read);
  }

  private static Content<String> read(byte[] content) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException notUtf8) {
      return new Content.Unusable<>("text that is not UTF-8");
    }
    // Editors end a file with a line break that is not meant; blanks may be.
    String secret = text.replaceFirst("\\R\\z", "");
    if (secret.isEmpty()) {
      return new Content.Unusable<>("nothing");
    }
    if (secret.length() > MAX_CHARS) {
      return new Content.Unusable<>("more than " + MAX_CHARS + " characters");
    }
    return secret.chars().anyMatch(Character::isISOControl)
        ? new Content.Unusable<>("more than one line, or control characters")
        : new Content.Usable<>(secret);
  }
}
