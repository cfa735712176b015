package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.jose.Sha256;
import dev.tokenbroker.base.outcome.BoundedFile;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Clients that authenticate by a secret (RFC 6749 section 2.3.1, {@code client_secret_basic}). The
 * settings list each client as {@code id=path}. The file is read once, when this object is made.
 * Immutable.
 *
 * <p>Some clients encode id and secret as a form before base64, some of these also dots, hyphens
 * and underscores, and some clients encode nothing. Ids and secrets consist of letters, digits and
 * these three, so decoding does not change what a client has not encoded.
 */
public final class ClientSecrets {

  private static final String BASIC = "Basic ";
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /** A guess is never refused for being one of many, so the length alone keeps it hopeless. */
  private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9._-]{32,256}");

  private static final int MAX_FILE_BYTES = 1024;
  private static final byte[] NOBODY = Sha256.of(new byte[0]);

  private final Map<String, byte[]> digests = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  private ClientSecrets(List<String> entries) {
    entries.forEach(this::add);
  }

  /** The clients of a setting. */
  static ClientSecrets of(Optional<List<String>> setting) {
    return new ClientSecrets(setting.orElse(List.of()));
  }

  private void add(String entry) {
    int equals = entry.indexOf('=');
    String id = equals < 0 ? entry : entry.substring(0, equals);
    if (equals < 0 || !ID.matcher(id).matches()) {
      problems.add(
          "an entry is not of the form id=path, or its id is not 1 to 64 permitted characters.");
      return;
    }
    String secret;
    try {
      byte[] content = BoundedFile.read(Path.of(entry.substring(equals + 1)), MAX_FILE_BYTES);
      secret = new String(content, StandardCharsets.UTF_8).strip();
    } catch (IOException unreadable) {
      problems.add("the file of " + id + " cannot be read: " + BoundedFile.why(unreadable) + ".");
      return;
    } catch (InvalidPathException noPath) {
      problems.add("the path of " + id + " is not a valid path.");
      return;
    }
    if (!SECRET.matcher(secret).matches()) {
      problems.add("the file of " + id + " holds no secret of 32 to 256 permitted characters.");
    } else if (digests.putIfAbsent(id, digest(secret)) != null) {
      problems.add(id + " is listed twice.");
    }
  }

  /** The problems that make the setting unusable; empty if there are none. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** The ids of the listed clients. */
  Set<String> ids() {
    return digests.keySet();
  }

  public boolean isEmpty() {
    return digests.isEmpty();
  }

  /** Whether a header has the scheme {@code Basic}. */
  static boolean isPresentedIn(String authorization) {
    return authorization.regionMatches(true, 0, BASIC, 0, BASIC.length());
  }

  /** The header {@code Authorization} of a client with that secret. */
  public static String header(String id, String secret) {
    byte[] pair = (id + ":" + secret).getBytes(StandardCharsets.UTF_8);
    return BASIC + Base64.getEncoder().encodeToString(pair);
  }

  /**
   * What a header presents.
   *
   * @param client the id of a listed client; empty for any other
   * @param proved whether the secret is the one of the client
   */
  record Presented(String client, boolean proved) {}

  /** Compares the secret in a header, in a time that tells nothing about id or secret. */
  Presented presented(String authorization) {
    String id;
    String secret;
    try {
      byte[] decoded = Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
      String pair = new String(decoded, StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      id = formDecoded(colon < 0 ? pair : pair.substring(0, colon));
      secret = formDecoded(pair.substring(colon + 1));
    } catch (IllegalArgumentException notEncoded) {
      return new Presented("", false);
    }
    byte[] expected = digests.get(id);
    // All digests have one length.
    boolean equal = MessageDigest.isEqual(expected == null ? NOBODY : expected, digest(secret));
    return new Presented(expected == null ? "" : id, expected != null && equal);
  }

  private static String formDecoded(String part) {
    return URLDecoder.decode(part, StandardCharsets.UTF_8);
  }

  private static byte[] digest(String secret) {
    return Sha256.of(secret.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "ClientSecrets" + digests.keySet();
  }
}
