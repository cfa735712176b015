package dev.tokenbroker.edges.http;

import dev.tokenbroker.base.jose.Sha256;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A public document with its strong entity tag, made once and served many times (RFC 9110 section
 * 8.8.3, RFC 9111 section 5.2.2).
 *
 * <p>The tag covers the media type and the bytes, so two representations of one resource never
 * share it. It depends on nothing else, so all replicas use the same tag for the same document.
 */
final class CachedDocument {

  private final byte[] body;
  private final String mediaType;
  private final String cacheControl;
  private final String entityTag;

  CachedDocument(byte[] body, String mediaType, Duration maxAge) {
    this.body = body;
    this.mediaType = mediaType;
    this.cacheControl = "public, max-age=" + maxAge.toSeconds();
    this.entityTag = "\"" + digest(mediaType, body) + "\"";
  }

  /** The document, or 304 if the client already has it. */
  Response answer(@Nullable String ifNoneMatch) {
    Response.ResponseBuilder answer =
        ifNoneMatch != null && matches(ifNoneMatch)
            ? Response.notModified()
            : Response.ok(body).header(HttpHeaders.CONTENT_TYPE, mediaType);
    return answer
        .header(HttpHeaders.ETAG, entityTag)
        .header(HttpHeaders.CACHE_CONTROL, cacheControl)
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
        .build();
  }

  String entityTag() {
    return entityTag;
  }

  private boolean matches(String ifNoneMatch) {
    // Weak comparison (RFC 9110 section 13.1.2): a proxy that compresses makes our tag weak.
    return Arrays.stream(ifNoneMatch.split(","))
        .map(String::strip)
        .map(tag -> tag.startsWith("W/") ? tag.substring(2) : tag)
        .anyMatch(tag -> tag.equals(entityTag) || tag.equals("*"));
  }

  private static String digest(String mediaType, byte[] body) {
    MessageDigest sha256 = Sha256.begin();
    sha256.update(mediaType.getBytes(StandardCharsets.US_ASCII));
    sha256.update((byte) 0);
    byte[] digest = sha256.digest(body);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 16));
  }
}
