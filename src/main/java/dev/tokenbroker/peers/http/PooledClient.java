package dev.tokenbroker.peers.http;

import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.HttpClients.NamedClient;
import dev.tokenbroker.peers.http.HttpExchange.Opened;
import dev.tokenbroker.peers.trust.ClientCertificateRequests;
import dev.tokenbroker.peers.trust.ExplainedTrust;
import dev.tokenbroker.peers.trust.PresentedCertificate;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.RequestOptions;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * A client that calls may share.
 *
 * @param authorities those of the file that it trusts by; empty without a file
 * @param trust whom it trusts
 * @param requests which servers requested a certificate of ours
 * @param protocols the versions of TLS that it offers
 * @param clock dates responses and judges certificates
 */
record PooledClient(
    HttpClient http,
    List<X509Certificate> authorities,
    ExplainedTrust trust,
    ClientCertificateRequests requests,
    List<String> protocols,
    InstantSource clock)
    implements NamedClient {

  /** Tells a TLS failure of a server that requested a client certificate from any other. */
  CallFailed explained(CallFailed why, RequestOptions to, long sinceNanos) {
    boolean wanted =
        why.kind() == FetchFailure.TLS_FAILED
            && requests
                .shown(to.getHost(), to.getPort(), sinceNanos)
                .filter(shown -> !shown)
                .isPresent();
    return wanted
        ? new CallFailed(
            FetchFailure.TLS_CLIENT_CERTIFICATE_WANTED,
            "the server asked for a client certificate and was shown none; " + why.detail())
        : why;
  }

  /** The certificate that the server presented, trusted or not. */
  Optional<PresentedCertificate> presented(Opened opened) {
    return PresentedCertificate.of(opened.chain(), trust.authorities());
  }
}
