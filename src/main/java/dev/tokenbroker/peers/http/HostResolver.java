package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Resolves host names to addresses that may be called, within the caller's deadline.
 *
 * <p>The system's resolver cannot be interrupted and would hold a virtual thread's carrier. So
 * lookups run on platform threads of their own: one per host, at most {@value #MAX_LOOKUPS} at a
 * time. Further lookups wait for a permit, in the order of arrival. A lookup beyond its limit has
 * failed and passes its permit on, though its thread stays until the system gives up. A name server
 * that hangs delays others by that limit at most, and only where all permits hang. Nothing is
 * cached here; the JVM does that.
 */
public final class HostResolver {

  static final int MAX_LOOKUPS = 32;

  /** Includes threads that hang, which no longer count as lookups. */
  static final int MAX_THREADS = 256;

  /** The longest that a lookup may take. */
  static final Duration LOOKUP_LIMIT = Duration.ofSeconds(3);

  private static final String OVERLOADED = "the broker has too many fetches under way";

  /** The system's resolver, or a test's. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /** The result for a host name. */
  public sealed interface Resolved permits Resolved.ResolvedAddresses, CallFailed {
    /** Addresses, the preferred one first; never empty. */
    record ResolvedAddresses(List<InetAddress> addresses) implements Resolved {}
  }

  private final Lookup lookup;
  private final Duration lookupLimit;
  private final Executor threads;
  private final Semaphore turns = new Semaphore(MAX_LOOKUPS, true);
  private final ConcurrentMap<String, CompletableFuture<List<InetAddress>>> underWay =
      new ConcurrentHashMap<>();

  HostResolver(Lookup lookup) {
    this(lookup, LOOKUP_LIMIT);
  }

  HostResolver(Lookup lookup, Duration lookupLimit) {
    this(
        lookup,
        lookupLimit,
        new ThreadPoolExecutor(
            0,
            MAX_THREADS,
            30,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("upstream-resolver-", 0).factory()));
  }

  /**
   * @param threads runs lookups; a lookup fails if this rejects it or has no thread left
   */
  HostResolver(Lookup lookup, Duration lookupLimit, Executor threads) {
    this.lookup = lookup;
    this.lookupLimit = lookupLimit;
    this.threads = threads;
  }

  /** Addresses that may all be called. */
  Resolved resolve(String host, Deadline limit) {
    return switch (look(host, limit)) {
      case CallFailed why -> why;
      case Resolved.ResolvedAddresses found -> guarded(found);
    };
  }

  /** Addresses of a host, be they refused or not. */
  Resolved look(String host, Deadline limit) {
    try {
      CompletableFuture<List<InetAddress>> found = underWay.get(host);
      if (found == null) {
        if (!turns.tryAcquire(limit.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
          return new CallFailed(FetchFailure.OVERLOADED, OVERLOADED);
        }
        found = joinOrStart(host);
      }
      List<InetAddress> addresses = found.get(limit.remaining().toNanos(), TimeUnit.NANOSECONDS);
      return addresses.isEmpty()
          ? new CallFailed(FetchFailure.UNREACHABLE, "the host name has no address")
          : new Resolved.ResolvedAddresses(addresses);
    } catch (TimeoutException late) {
      return new CallFailed(FetchFailure.TIMED_OUT, "the host name was not resolved in time");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return new CallFailed(FetchFailure.TIMED_OUT, "interrupted while the host name was resolved");
    } catch (ExecutionException failed) {
      return switch (failed.getCause()) {
        // No thread is available: by our own bound, or by the system's.
        case RejectedExecutionException _, Error _ ->
            new CallFailed(FetchFailure.OVERLOADED, OVERLOADED);
        case TimeoutException _ ->
            new CallFailed(FetchFailure.TIMED_OUT, "the host name was not resolved in time");
        case null, default ->
            new CallFailed(FetchFailure.UNREACHABLE, "the host name does not resolve");
      };
    }
  }

  /** Takes over one permit, which is released when the lookup ends, or at once if not needed. */
  private CompletableFuture<List<InetAddress>> joinOrStart(String host) {
    CompletableFuture<List<InetAddress>> mine = new CompletableFuture<>();
    CompletableFuture<List<InetAddress>> other = underWay.putIfAbsent(host, mine);
    if (other != null) {
      turns.release();
      return other;
    }
    CompletableFuture<List<InetAddress>> _ =
        mine.whenComplete((addresses, failure) -> turns.release());
    try {
      mine.orTimeout(lookupLimit.toNanos(), TimeUnit.NANOSECONDS);
      threads.execute(() -> look(host, mine));
    } catch (RuntimeException | Error notBegun) {
      // A lookup that never began cannot remove itself.
      underWay.remove(host, mine);
      mine.completeExceptionally(notBegun);
    }
    return mine;
  }

  private void look(String host, CompletableFuture<List<InetAddress>> found) {
    try {
      List<InetAddress> addresses = List.of(lookup.addresses(host));
      found.complete(addresses);
    } catch (UnknownHostException unknown) {
      found.completeExceptionally(unknown);
    } finally {
      found.completeExceptionally(new UnknownHostException(host));
      underWay.remove(host, found);
    }
  }

  /** Refuses the name if one of its addresses is refused: such a mixture is malicious. */
  private static Resolved guarded(Resolved.ResolvedAddresses found) {
    for (InetAddress address : found.addresses()) {
      Optional<String> why = AddressGuard.refusal(address);
      if (why.isPresent()) {
        return new CallFailed(
            FetchFailure.ADDRESS_REFUSED,
            "the host is %s: %s, one of %d addresses"
                .formatted(why.get(), address.getHostAddress(), found.addresses().size()));
      }
    }
    return found;
  }
}
