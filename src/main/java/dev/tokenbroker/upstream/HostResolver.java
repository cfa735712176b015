package dev.tokenbroker.upstream;

import dev.tokenbroker.outcome.Deadline;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Turns host names into addresses that may be called, and waits no longer than asked to.
 *
 * <p>The system's resolver cannot be interrupted and would hold a virtual thread's carrier, so
 * lookups run on platform threads of their own: one a host at most, {@value #MAX_THREADS} in all. A
 * name server that hangs therefore holds up nobody who asks for another host. Nothing is cached
 * here; the JVM does that.
 */
final class HostResolver {

  static final int MAX_THREADS = 32;

  /** The system's resolver, or a test's. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /** What a name stands for. */
  sealed interface Resolved {
    /** Addresses that may be called, the preferred one first; never empty. */
    record Addresses(List<InetAddress> addresses) implements Resolved {}

    record Refused(Fetched.Failed why) implements Resolved {}
  }

  private final Lookup lookup;
  private final Executor threads;
  private final ConcurrentMap<String, CompletableFuture<List<InetAddress>>> underWay =
      new ConcurrentHashMap<>();

  HostResolver(Lookup lookup) {
    this.lookup = lookup;
    this.threads =
        new ThreadPoolExecutor(
            0,
            MAX_THREADS,
            30,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("upstream-resolver-", 0).factory());
  }

  Resolved resolve(String host, Deadline limit) {
    CompletableFuture<List<InetAddress>> found = underWay.computeIfAbsent(host, this::start);
    try {
      return guarded(found.get(limit.remaining().toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException late) {
      return refused(FetchFailure.TIMED_OUT, "the host name was not resolved in time");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return refused(FetchFailure.TIMED_OUT, "interrupted while the host name was resolved");
    } catch (ExecutionException failed) {
      // One that was never begun is not removed by its end.
      underWay.remove(host, found);
      return failed.getCause() instanceof RejectedExecutionException
          ? refused(FetchFailure.OVERLOADED, "too many host names are being resolved")
          : refused(FetchFailure.UNREACHABLE, "the host name does not resolve");
    }
  }

  private CompletableFuture<List<InetAddress>> start(String host) {
    CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
    try {
      threads.execute(() -> look(host, found));
    } catch (RejectedExecutionException full) {
      found.completeExceptionally(full);
    }
    return found;
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

  /** One address that is not called spoils the name: whoever mixes them in means harm. */
  private static Resolved guarded(List<InetAddress> addresses) {
    for (InetAddress address : addresses) {
      Optional<String> why = AddressGuard.refusal(address);
      if (why.isPresent()) {
        return refused(FetchFailure.ADDRESS_REFUSED, "the host is " + why.get());
      }
    }
    return addresses.isEmpty()
        ? refused(FetchFailure.UNREACHABLE, "the host name has no address")
        : new Resolved.Addresses(addresses);
  }

  private static Resolved refused(FetchFailure kind, String detail) {
    return new Resolved.Refused(new Fetched.Failed(kind, detail));
  }
}
