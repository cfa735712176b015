package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.trust.RefusedCertificate;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.NotSslRecordException;
import io.vertx.core.file.FileSystemException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.net.ConnectException;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Classifies the failures of the network library, by type alone. */
public final class FailureKinds {

  /** Deep enough for every real chain of causes; also ends a circular one. */
  private static final int MAX_CAUSES = 16;

  static final String REFUSED = "the connection was refused";

  /** A proxy that itself could not connect answers so. */
  private static final Pattern UNREACHED = Pattern.compile("status: 50[234]\\b");

  private FailureKinds() {}

  /** The failure in terms of our own taxonomy. */
  public static CallFailed of(Throwable failure) {
    Throwable own = cause(failure, FileSystemException.class, GeneralSecurityException.class);
    if (own != null && cause(failure, SSLException.class) == null) {
      return failed(
          FetchFailure.TLS_NOT_CONFIGURED,
          "a file of the TLS configuration cannot be used: " + own.getMessage());
    }
    Throwable proxy = cause(failure, ProxyConnectException.class);
    if (proxy != null) {
      String why = String.valueOf(proxy.getMessage());
      return failed(
          UNREACHED.matcher(why).find() ? FetchFailure.UNREACHABLE : FetchFailure.PROXY_FAILED,
          "the proxy makes no connection: " + why);
    }
    Throwable certificate = cause(failure, CertificateException.class);
    if (certificate != null) {
      // Anything else is about the certificate itself: its time, use or host, or its revocation.
      boolean untrusted = certificate instanceof RefusedCertificate ours && ours.isUntrusted();
      return failed(
          untrusted ? FetchFailure.TLS_UNTRUSTED : FetchFailure.TLS_CERTIFICATE_INVALID,
          certificate.getMessage());
    }
    if (cause(failure, CertPathValidatorException.class, SSLPeerUnverifiedException.class)
        != null) {
      return failed(FetchFailure.TLS_UNTRUSTED, "the certificate is not trusted");
    }
    if (cause(failure, NotSslRecordException.class) != null) {
      return failed(FetchFailure.TLS_FAILED, "no TLS connection: the port does not speak TLS");
    }
    Throwable tls = cause(failure, SSLException.class);
    if (tls != null) {
      return failed(FetchFailure.TLS_FAILED, "no TLS connection: " + innermost(tls).getMessage());
    }
    if (cause(failure, ConnectionPoolTooBusyException.class) != null) {
      return failed(FetchFailure.OVERLOADED, "the broker has too many fetches under way");
    }
    if (cause(failure, ConnectTimeoutException.class, TimeoutException.class) != null) {
      return failed(FetchFailure.TIMED_OUT, "no connection in the time allowed");
    }
    if (cause(failure, ConnectException.class) != null) {
      return failed(FetchFailure.UNREACHABLE, REFUSED);
    }
    Throwable answer = cause(failure, DecoderException.class, IllegalArgumentException.class);
    if (answer != null) {
      return failed(
          FetchFailure.MALFORMED,
          // What stands after a colon may be the peer's words.
          "the answer is no proper HTTP/1.1: "
              + String.valueOf(answer.getMessage()).replaceFirst("(?s):.*", ""));
    }
    Throwable socket = cause(failure, SocketException.class);
    return failed(
        FetchFailure.UNREACHABLE,
        socket == null
            ? "the connection was lost"
            : "the connection was reset or could not be made: " + socket.getMessage());
  }

  /** The certificate for which there is no connection; null if that is not the reason. */
  static @Nullable RefusedCertificate refused(Throwable failure) {
    return cause(failure, RefusedCertificate.class) instanceof RefusedCertificate refused
        ? refused
        : null;
  }

  private static CallFailed failed(FetchFailure kind, @Nullable String detail) {
    return new CallFailed(kind, detail == null ? "" : Evidence.clean(detail));
  }

  /** The TLS failure at the end of the chain: Vert.x and Netty wrap the JDK's in their own. */
  private static Throwable innermost(Throwable tls) {
    return chain(tls).filter(SSLException.class::isInstance).reduce(tls, (_, inner) -> inner);
  }

  /** The first failure in the chain of causes that has one of the types; null if none has. */
  @SafeVarargs
  public static @Nullable Throwable cause(
      @Nullable Throwable failure, Class<? extends Throwable>... types) {
    for (Throwable at : chain(failure).toList()) {
      for (Class<? extends Throwable> type : types) {
        if (type.isInstance(at)) {
          return at;
        }
      }
    }
    return null;
  }

  private static Stream<Throwable> chain(@Nullable Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES);
  }
}
