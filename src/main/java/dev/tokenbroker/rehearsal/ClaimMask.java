package dev.tokenbroker.rehearsal;

import dev.tokenbroker.outcome.BoundedFile;
import dev.tokenbroker.rehearsal.RecordingSettings.Mode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Replaces values by their HMAC-SHA-256, cut to 128 bits. A keyed value carries its JSON type. The
 * mask keys the elements of a list and the members of a map one by one. Use it on one thread only.
 */
public final class ClaimMask {

  private static final String ALGORITHM = "HmacSHA256";
  private static final int MIN_KEY_BYTES = 32;
  private static final int MAX_KEY_BYTES = 4096;
  private static final int KEPT_BYTES = 16;

  private final Mac mac;

  private ClaimMask(byte[] key) {
    try {
      mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, impossible);
    }
  }

  /**
   * Loads the mask with the key in that file.
   *
   * @throws IllegalArgumentException if the file cannot be used
   */
  public static ClaimMask load(Path file) {
    try {
      byte[] key = BoundedFile.read(file, MAX_KEY_BYTES);
      if (key.length < MIN_KEY_BYTES) {
        throw new IllegalArgumentException(
            "the key file has fewer than " + MIN_KEY_BYTES + " bytes: " + file);
      }
      return new ClaimMask(key);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "the key file " + file + " cannot be read: " + BoundedFile.why(unreadable), unreadable);
    }
  }

  /** Returns the problem with the setting of the key file; empty if there is none. */
  static Optional<String> problem(RecordingSettings settings) {
    if (settings.path().isEmpty()
        || (settings.keyFile().isEmpty() && settings.otherClaims() != Mode.KEYED)) {
      return Optional.empty();
    }
    if (settings.keyFile().isEmpty()) {
      return Optional.of("is not set, and claims are keyed");
    }
    try {
      var _ = load(settings.keyFile().get());
      return Optional.empty();
    } catch (IllegalArgumentException unusable) {
      return Optional.of("cannot be used: " + unusable.getMessage());
    }
  }

  /** Returns the keyed form: a text, or a list or map of keyed forms. */
  public Object of(Object value) {
    return switch (value) {
      case List<?> list -> {
        List<Object> keyed = new ArrayList<>();
        list.forEach(element -> keyed.add(of(element)));
        yield keyed;
      }
      case Map<?, ?> map -> {
        Map<String, Object> keyed = new LinkedHashMap<>();
        new TreeMap<>(map).forEach((name, member) -> keyed.put((String) name, of(member)));
        yield keyed;
      }
      case Long number -> keyed("number", BigDecimal.valueOf(number).toPlainString());
      case Double number ->
          keyed("number", new BigDecimal(number).stripTrailingZeros().toPlainString());
      case Boolean flag -> keyed("boolean", flag.toString());
      default -> keyed("string", value.toString());
    };
  }

  /** A text by which another holder of the key recognises it. */
  public String check() {
    return keyed("key", "of this recording");
  }

  private String keyed(String type, String text) {
    byte[] digest = mac.doFinal((type + "\0" + text).getBytes(StandardCharsets.UTF_8));
    return type
        + ":"
        + Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, KEPT_BYTES));
  }

  /** The recording mode of each claim. */
  record Plan(Map<String, Mode> named, Mode others) {

    static Plan of(RecordingSettings settings) {
      Map<String, Mode> named = new LinkedHashMap<>();
      settings.clear().orElse(List.of()).forEach(name -> named.put(name, Mode.CLEAR));
      settings.drop().orElse(List.of()).forEach(name -> named.put(name, Mode.DROP));
      return new Plan(named, settings.otherClaims());
    }

    Mode of(String claim) {
      return named.getOrDefault(claim, others);
    }
  }
}
