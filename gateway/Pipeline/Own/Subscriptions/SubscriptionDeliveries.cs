using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Adapters.Canonical;

namespace Gateway.Pipeline.Own.Subscriptions;

/// <summary>
/// Deliveries to the endpoint of a subscription, with their attempts, page by page: <c>webhook-deliveries@1</c>, and in <c>Link</c> where the next are. What endpoints answered
/// is not among it. A page stays what it is while new deliveries come: they stand before the first of the newest, or behind the last of the oldest.
/// </summary>
internal sealed class SubscriptionDeliveries : SubscriptionView
{
    private const int Usual = 25;
    private const int Most = 100;

    private const byte Version = 1;
    private const int SumBytes = 8;
    private const int Length = 1 + 2 * sizeof(long) + SumBytes;

    public override OperationDescriptor Descriptor { get; } = Described("subscription.deliveries", "Shows the deliveries to the endpoint of a subscription.");

    public override void Describe(Surface surface)
    {
        surface.Failures.Add(Failure.MalformedRequest);
        surface.AnswerHeaders.Add(new SurfaceHeader("Link", "Where the next deliveries are: rel=\"next\". Of the newest it is left out behind the last one; of the oldest it is always there, for more will come.", "</v1/webhook-subscriptions/sub_j1pda46bw52qb8xmhdc1d9bad6/deliveries?after=AQjefgFGcgAAAAAAAAAAAADXmlRnr4Ca8g>; rel=\"next\"") { OnSuccess = true });
    }

    protected override async ValueTask GiveAsync(Exchange exchange, PlanTarget.Call target, StoredSubscription kept)
    {
        var query = exchange.Http.Request.Query;
        var order = query.TryGetValue("order", out var asked) ? asked.ToString() : "newest";
        var limit = !query.TryGetValue("limit", out var most) ? Usual : int.TryParse(most.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var after = query.TryGetValue("after", out var cursor) ? Read(cursor.ToString(), kept.Id) : null;
        if (order is not ("newest" or "oldest") || limit is < 1 or > Most || cursor.Count > 1)
        {
            exchange.Refuse(Failure.MalformedRequest, $"The query is malformed: order is newest or oldest; limit a number from 1 to {Most}; after is given once.");
            return;
        }
        if (cursor.Count > 0 && after is null)
        {
            exchange.Refuse(Failure.MalformedRequest, "This cursor is not known: take it from Link of an answer about this subscription.");
            return;
        }
        var page = new DeliveryPage(limit + 1) { After = after, OldestFirst = order == "oldest" };
        var read = await exchange.Store.DeliveriesOfAsync(kept.Tenant, kept.Name, page, exchange.Aborted);
        var shown = new List<WebhookDelivery>();
        foreach (var told in read.Take(limit))
            shown.Add(SubscriptionWords.Of(told, told.Delivery.Attempts > 0 ? await exchange.Store.AttemptsAsync(told.Delivery.Id, exchange.Aborted) : []));
        SubscriptionList.Give(exchange, target, SubscriptionWords.Write(new WebhookDeliveries { WebhookDeliveries1 = shown }));
        var last = shown.Count > 0 ? read[shown.Count - 1].Mark : after;
        if (read.Count > limit || page.OldestFirst) exchange.Answer = exchange.Answer! with { Headers = [new("Link", $"<{exchange.Http.Request.Path.ToUriComponent()}{Next(last)}>; rel=\"next\"")] };

        string Next(DeliveryMark? mark)
        {
            List<string> parts = [];
            if (mark is not null) parts.Add($"after={Write(mark, kept.Id)}");
            if (page.OldestFirst) parts.Add("order=oldest");
            if (limit != Usual) parts.Add(string.Create(CultureInfo.InvariantCulture, $"limit={limit}"));
            return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
        }
    }

    /// <summary>A mark as callers keep it: opaque, and of one subscription. It opens nothing, for what is shown is the caller's own whatever it says.</summary>
    internal static string Write(DeliveryMark mark, string subscription)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], mark.At.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], mark.Row);
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cursor of deliveries\n{subscription}\n{mark.At.UtcTicks}\n{mark.Row}"))).AsSpan(0, SumBytes).CopyTo(bytes[17..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Null where it is none of this subscription's.</summary>
    internal static DeliveryMark? Read(string text, string subscription)
    {
        Span<byte> bytes = stackalloc byte[Length];
        // More than its length in base64url can't be one.
        if (text.Length != Base64Url.GetEncodedLength(Length) || Base64Url.DecodeFromChars(text, bytes, out _, out var read) != System.Buffers.OperationStatus.Done || read != Length || bytes[0] != Version) return null;
        var (ticks, row) = (BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), BinaryPrimitives.ReadInt64BigEndian(bytes[9..]));
        if (ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks || row < 0) return null;
        var mark = new DeliveryMark(new DateTimeOffset(ticks, TimeSpan.Zero), row);
        return Write(mark, subscription) == text ? mark : null;
    }
}
