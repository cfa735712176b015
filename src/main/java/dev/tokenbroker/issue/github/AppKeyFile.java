package dev.tokenbroker.issue.github;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.files.FileContent;
import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.issue.signing.SigningKey;
import dev.tokenbroker.issue.signing.SigningKeyFile;
import dev.tokenbroker.issue.sts.UpstreamKind.ClientSecretFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file with the private key of an App: one RSA key of at least 2048 bits, as PEM in the form of
 * GitHub (PKCS #1, RFC 8017 appendix A.1.2) or in the form of other keys ({@link SigningKeyFile}).
 */
public final class AppKeyFile {

  private static final Pattern PKCS1 =
      Pattern.compile("-----BEGIN RSA PRIVATE KEY-----([^-]*)-----END RSA PRIVATE KEY-----");

  /** Version 0, and the algorithm rsaEncryption (RFC 5208 section 5, RFC 8017 appendix A.1). */
  private static final byte[] VERSION_AND_RSA =
      HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

  /** The limit of the whole file. */
  private static final int MAX_BYTES = 64 << 10;

  /** How far the clock of GitHub may be behind; it takes no JWT that was issued later. */
  private static final long BACKDATED_SECONDS = 60;

  /** The longest life that GitHub takes. */
  private static final long LIFE_SECONDS = 600;

  private AppKeyFile() {}

  /** A file with a key. */
  static ClientSecretFile in(Path file) {
    return new ClientSecretFile(file, MAX_BYTES, AppKeyFile::fault);
  }

  /** The problem with such content; empty if it is usable. Reveals nothing of it. */
  public static Optional<String> fault(byte[] content) {
    return read(content).fault();
  }

  /** A JWT by which the App authenticates; empty if the file is unusable. */
  static Optional<String> jwt(Path file, String app, Instant now) {
    try {
      return jwt(BoundedFile.read(file, MAX_BYTES), app, now);
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  static Optional<String> jwt(byte[] content, String app, Instant now) {
    return read(content) instanceof Usable<SigningKey>(SigningKey key)
        ? Optional.of(jwt(key, app, now))
        : Optional.empty();
  }

  /** A JWT by which the App authenticates, good for nine minutes. */
  static String jwt(SigningKey key, String app, Instant now) {
    long issued = now.getEpochSecond() - BACKDATED_SECONDS;
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iat", issued);
    claims.put("exp", issued + LIFE_SECONDS);
    claims.put("iss", app);
    return key.signJwt(null, claims);
  }

  static FileContent<SigningKey> read(byte[] content) {
    return SigningKeyFile.parse(asPkcs8(content), SignatureProvider.jdk())
        .then(
            keys ->
                keys.size() != 1
                    ? new Unusable<>("holds " + keys.size() + " private keys")
                    : keys.getFirst().algorithm() == SigningAlgorithm.RS256
                        ? new Usable<>(keys.getFirst())
                        : new Unusable<>("holds a key that is not RSA, which GitHub demands"));
  }

  /** The same PEM with each key in the form PKCS #8; what is no base64 stays as it is. */
  private static byte[] asPkcs8(byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    return PKCS1.matcher(text).replaceAll(AppKeyFile::asPkcs8).getBytes(StandardCharsets.UTF_8);
  }

  private static String asPkcs8(MatchResult block) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(block.group(1).replaceAll("\\s", ""));
    } catch (IllegalArgumentException notBase64) {
      return Matcher.quoteReplacement(block.group());
    }
    ByteArrayOutputStream info = new ByteArrayOutputStream();
    info.writeBytes(VERSION_AND_RSA);
    info.writeBytes(der(0x04, key));
    return "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----"
        .formatted(Base64.getEncoder().encodeToString(der(0x30, info.toByteArray())));
  }

  /** A value in DER with a length of two bytes, enough for a file of 64 KiB. */
  private static byte[] der(int tag, byte[] value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (value.length >= 0x100) {
      out.write(0x82);
      out.write(value.length >> 8);
    } else if (value.length >= 0x80) {
      out.write(0x81);
    }
    out.write(value.length);
    out.writeBytes(value);
    return out.toByteArray();
  }
}
