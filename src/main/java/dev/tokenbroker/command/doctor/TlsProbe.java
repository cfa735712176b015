package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.command.doctor.TlsProbe.Handshake.Objection;
import dev.tokenbroker.peers.trust.ExpiredAuthority;
import dev.tokenbroker.peers.trust.HandshakeTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes one TLS handshake on a plain socket and says how it ends. It trusts as the broker does, so
 * a client certificate is shown to trusted peers only. It sends no request.
 */
final class TlsProbe {

  /** How long a peer may take to object to a missing client certificate after TLS 1.3 is set up. */
  private static final int OBJECTION_MILLIS = 500;

  private final HandshakeTls tls;
  private final String host;
  private final InetSocketAddress address;

  TlsProbe(HandshakeTls tls, String host, InetSocketAddress address) {
    this.tls = tls;
    this.host = host;
    this.address = address;
  }

  /** Connects and makes the handshake, within {@link HostChecks#LIMIT}. */
  Handshake run() {
    Deadline limit = Deadline.after(HostChecks.LIMIT);
    TrustRecorder trust = new TrustRecorder(tls.trust());
    KeyRecorder keys = KeyRecorder.of(tls.keys());
    try (Socket socket = new Socket()) {
      // A peer that sends a byte now and then would outlast the timeout of each read.
      CompletableFuture.delayedExecutor(HostChecks.LIMIT.toMillis(), TimeUnit.MILLISECONDS)
          .execute(() -> close(socket));
      socket.connect(address, (int) HostChecks.LIMIT.toMillis());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {keys}, new TrustManager[] {trust}, null);
      return handshake(context, socket, trust, keys, limit);
    } catch (IOException | GeneralSecurityException failed) {
      return new Handshake.HandshakeBroken("the connection was lost");
    }
  }

  private Handshake handshake(
      SSLContext context, Socket socket, TrustRecorder trust, KeyRecorder keys, Deadline limit)
      throws IOException {
    try (SSLSocket secure =
        (SSLSocket)
            context.getSocketFactory().createSocket(socket, host, address.getPort(), true)) {
      secure.setSSLParameters(parameters(secure.getSSLParameters()));
      secure.setSoTimeout((int) HostChecks.LIMIT.toMillis());
      secure.startHandshake();
      if (keys.requested() && objects(secure)) {
        return new Handshake.CertificateDemanded(keys.shown());
      }
      List<X509Certificate> chain = trust.chain();
      return new Handshake.Trusted(secure.getSession().getProtocol(), chain, root(chain));
    } catch (IOException failed) {
      return limit.hasPassed() && trust.objection() == null
          ? new Handshake.HandshakeBroken("the TLS handshake is not over after 5 s")
          : failed(context, trust, keys, failed);
    }
  }

  private SSLParameters parameters(SSLParameters parameters) {
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setProtocols(tls.protocols().toArray(String[]::new));
    if (!tls.cipherSuites().isEmpty()) {
      parameters.setCipherSuites(tls.cipherSuites().toArray(String[]::new));
    }
    return parameters;
  }

  private Handshake failed(
      SSLContext context, TrustRecorder trust, KeyRecorder keys, IOException failure) {
    CertificateException objection = trust.objection();
    if (objection != null) {
      return distrusted(trust, objection, Objection.AUTHORITY_UNKNOWN);
    }
    if (failure.getCause() instanceof CertificateException additional) {
      return distrusted(trust, additional, Objection.HOST_NAME);
    }
    if (keys.requested()) {
      return new Handshake.CertificateDemanded(keys.shown());
    }
    return new FirstRecord(context, tls.protocols(), host, address).classify();
  }

  /**
   * @param otherwise the objection if the exception shows no other one
   */
  private static Handshake distrusted(
      TrustRecorder trust, CertificateException why, Objection otherwise) {
    Objection objection = otherwise;
    if (why instanceof ExpiredAuthority) {
      objection = Objection.AUTHORITY_EXPIRED;
    } else if (why.getCause() instanceof CertPathValidatorException path
        && path.getReason() == CertPathValidatorException.BasicReason.ALGORITHM_CONSTRAINED) {
      objection = Objection.ALGORITHM_WEAK;
    }
    return new Handshake.Distrusted(trust.chain(), objection, String.valueOf(why.getMessage()));
  }

  /** In TLS 1.3 our side has finished before the peer looks at our certificate. */
  private static boolean objects(SSLSocket secure) {
    try {
      secure.setSoTimeout(OBJECTION_MILLIS);
      return secure.getInputStream().read() < 0;
    } catch (SocketTimeoutException silent) {
      return false;
    } catch (IOException alert) {
      return true;
    }
  }

  private @Nullable X509Certificate root(List<X509Certificate> chain) {
    List<X509Certificate> anchors = Arrays.asList(tls.trust().getAcceptedIssuers());
    for (X509Certificate certificate : chain) {
      for (X509Certificate anchor : anchors) {
        if (anchor.equals(certificate)
            || (anchor.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
                && hasSigned(anchor.getPublicKey(), certificate))) {
          return anchor;
        }
      }
    }
    return null;
  }

  private static boolean hasSigned(PublicKey key, X509Certificate certificate) {
    try {
      certificate.verify(key);
      return true;
    } catch (GeneralSecurityException another) {
      return false;
    }
  }

  static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException gone) {
      // It is closed all the same.
    }
  }

  /**
   * Trusts as another trust manager does, and keeps what the server sent. For one handshake. It is
   * no extended trust manager, so the JDK compares the host name after this class has agreed.
   */
  static final class TrustRecorder implements X509TrustManager {

    private final X509TrustManager trust;
    private List<X509Certificate> chain = List.of();
    private @Nullable CertificateException objection;

    TrustRecorder(X509TrustManager trust) {
      this.trust = trust;
    }

    /** The chain that the server sent; empty before. */
    List<X509Certificate> chain() {
      return chain;
    }

    /** Why the chain is not trusted, whatever the host; null if it is. */
    @Nullable CertificateException objection() {
      return objection;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] sent, String type)
        throws CertificateException {
      chain = List.of(sent);
      try {
        trust.checkServerTrusted(sent, type);
      } catch (CertificateException untrusted) {
        objection = untrusted;
        throw untrusted;
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] sent, String type)
        throws CertificateException {
      throw new CertificateException("no clients here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return trust.getAcceptedIssuers();
    }
  }

  /** The end of a TLS handshake that was made for a diagnosis. */
  sealed interface Handshake {

    /**
     * The peer is trusted.
     *
     * @param chain as the peer sent it; the first certificate is its own
     * @param root the authority that vouches for it; null where the trust store does not show it
     */
    record Trusted(String protocol, List<X509Certificate> chain, @Nullable X509Certificate root)
        implements Handshake {}

    /**
     * The chain is not trusted for this host.
     *
     * @param why the message of the trust manager
     */
    record Distrusted(List<X509Certificate> chain, Objection objection, String why)
        implements Handshake {}

    /** What is wrong with a chain, besides its dates. */
    enum Objection {
      /** No authority in the trust store vouches for it. */
      AUTHORITY_UNKNOWN,
      /** Only an authority that has expired vouches for it. */
      AUTHORITY_EXPIRED,
      /** A key or signature algorithm of it is too weak for this JDK. */
      ALGORITHM_WEAK,
      /** It is trusted, but for another host. */
      HOST_NAME
    }

    /**
     * The peer ends the connection after it has requested a client certificate.
     *
     * @param shown whether a certificate of ours was sent
     */
    record CertificateDemanded(boolean shown) implements Handshake {}

    /** The peer speaks HTTP without TLS. */
    record NotTls() implements Handshake {}

    /** The peer speaks no version of TLS that we speak. */
    record OldProtocol(String seen) implements Handshake {}

    /** Anything else. */
    record HandshakeBroken(String why) implements Handshake {}
  }
}
