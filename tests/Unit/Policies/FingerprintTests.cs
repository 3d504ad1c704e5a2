using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using CsCheck;
using Gateway.Policies.Idempotency;
using Xunit;

namespace Gateway.Tests.Unit.Policies;

/// <summary>Which two requests are one.</summary>
public sealed class FingerprintTests
{
    private static readonly string[] Words = ["null", "true", "false"];

    [Theory]
    [InlineData("""{"a":1,"b":2}""", """{ "b" : 2, "a" : 1 }""")]
    [InlineData("""{"a":{"x":[1,{"p":1,"q":2}]}}""", """{"a":{"x":[1,{"q":2,"p":1}]}}""")]
    [InlineData("1.10", "1.1")]
    [InlineData("1.1", "11e-1")]
    [InlineData("1.1", "0.11E+1")]
    [InlineData("100", "1e2")]
    [InlineData("100", "1E+02")]
    [InlineData("0", "-0")]
    [InlineData("0", "0.000e99")]
    [InlineData("0.001", "1e-3")]
    [InlineData("10203000", "10203e3")]
    [InlineData("12345678901234567890.10", "12345678901234567890.1")]
    [InlineData("1e400", "10e399")]
    [InlineData("\"a\\u0062c\"", "\"abc\"")]
    [InlineData("\"\\/\"", "\"/\"")]
    [InlineData("\"\\ud83d\\ude00\"", "\"😀\"")]
    [InlineData("""{"\u0061":1}""", """{"a":1}""")]
    public void The_same_content_is_one(string first, string second) => Assert.Equal(Of(first), Of(second));

    [Theory]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("0.1", "0.1000000000000000055511151231257827")]
    [InlineData("1e400", "1e401")]
    [InlineData("1", "-1")]
    [InlineData("1", "\"1\"")]
    [InlineData("1", "10")]
    [InlineData("1e1", "1e-1")]
    [InlineData("\"1.10\"", "\"1.1\"")]
    [InlineData("null", "\"null\"")]
    [InlineData("null", "{}")]
    [InlineData("true", "false")]
    [InlineData("[]", "{}")]
    [InlineData("[1,2]", "[2,1]")]
    [InlineData("[1,2]", "[12]")]
    [InlineData("[[1],2]", "[1,[2]]")]
    [InlineData("[[],[]]", "[[[]]]")]
    [InlineData("""{"a":1}""", """{"a":1,"b":null}""")]
    [InlineData("""{"a":"b"}""", """["a","b"]""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{},"b":1}""")]
    [InlineData("""{"a":"1:b"}""", """{"a:1":"b"}""")]
    [InlineData("""["a","b"]""", """["a\",\"b"]""")]
    [InlineData("\"é\"", "\"e\\u0301\"")]
    [InlineData("\"a\"", "\"A\"")]
    public void Other_content_is_another(string first, string second) => Assert.NotEqual(Of(first), Of(second));

    [Fact]
    public void It_is_64_hex_digits() => Assert.Matches("^[0-9a-f]{64}$", Of("{}"));

    /// <summary>Whoever may send a body may not stop the gateway with one number.</summary>
    [Fact]
    public void A_number_of_a_million_digits_is_done_in_little_time()
    {
        var watch = Stopwatch.StartNew();
        Of(new string('7', 1_000_000));
        Of("0." + new string('0', 1_000_000) + "1");
        Of("1e" + new string('7', 1_000_000));
        Of("1e-" + new string('7', 1_000_000));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    [Fact]
    public void Order_of_members_white_space_and_zeros_never_matter() => Gen.Select(Json(3), Gen.Int).Sample((value, seed) =>
        Of(value.Write(new Random(seed))) == Of(value.Write(null)));

    [Fact]
    public void Two_values_are_one_only_if_they_are_equal() => Gen.Select(Json(2), Json(2)).Sample((a, b) =>
        (Of(a.Write(null)) == Of(b.Write(null))) == (a.Canonical == b.Canonical));

    [Fact]
    public void Parts_keep_their_borders()
    {
        Assert.NotEqual(Fingerprint.OfParts("acme", "eu_1"), Fingerprint.OfParts("acme_eu", "1"));
        Assert.NotEqual(Fingerprint.OfParts("acme", "eu", "1"), Fingerprint.OfParts("acme", "eu1"));
        Assert.NotEqual(Fingerprint.OfParts("a", ""), Fingerprint.OfParts("", "a"));
        Assert.NotEqual(Fingerprint.OfParts("a"), Fingerprint.OfParts("a", ""));
        Assert.NotEqual(Fingerprint.OfParts("a\u0001\0\0\0b"), Fingerprint.OfParts("a", "b"));
        Assert.Equal(Fingerprint.OfParts("a", "b"), Fingerprint.OfParts(["a", "b"]));
        Assert.Matches("^[0-9a-f]{32}$", Fingerprint.OfParts("a"));
    }

    [Fact]
    public void Parts_are_one_only_if_all_of_them_are()
    {
        var parts = Gen.String[Gen.Char["a1_\0\u0001\u0002é"], 0, 4].Array[0, 4];
        Gen.Select(parts, parts).Sample((a, b) => (Fingerprint.OfParts(a) == Fingerprint.OfParts(b)) == a.SequenceEqual(b), iter: 20_000);
    }

    private static string Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Fingerprint.Of(document.RootElement);
    }

    private static Gen<Value> Json(int depth)
    {
        var text = Gen.String[Gen.Char["ab:\"\\#é"], 0, 3];
        var number = Gen.Select(Gen.Int[-12, 12], Gen.Int[-2, 2]).Select((digits, exponent) => (Value)new Number(digits, exponent));
        var leaf = Gen.OneOf(number, text.Select(t => (Value)new Text(t)), Gen.Int[0, 2].Select(i => (Value)new Word(Words[i])));
        if (depth == 0) return leaf;
        var inner = Json(depth - 1);
        return Gen.OneOf(
            leaf,
            inner.Array[0, 3].Select(items => (Value)new List(items)),
            Gen.Select(text, inner).Array[0, 3].Select(members => (Value)new Object(members.DistinctBy(m => m.Item1).ToArray())));
    }

    /// <summary>A JSON value that can be written in many ways, and one text that stands for what it is.</summary>
    private abstract record Value
    {
        public abstract string Canonical { get; }

        public abstract string Write(Random? random);

        protected static string Space(Random? random) => random is null ? "" : new string(' ', random.Next(2)) + new string('\n', random.Next(2));
    }

    private sealed record Word(string Name) : Value
    {
        public override string Canonical => Name;

        public override string Write(Random? random) => Name;
    }

    private sealed record Number(int Digits, int Exponent) : Value
    {
        public override string Canonical
        {
            get
            {
                // Over one common denominator, as no exponent is below -2.
                return $"#{Digits * BigInteger.Pow(10, Exponent + 2)}";
            }
        }

        public override string Write(Random? random)
        {
            var zeros = random?.Next(3) ?? 0;
            var exponent = (Exponent - zeros).ToString(CultureInfo.InvariantCulture);
            var digits = Digits.ToString(CultureInfo.InvariantCulture) + (Digits == 0 ? "" : new string('0', zeros));
            return random?.Next(2) == 1 ? $"{digits}.{new string('0', 1 + zeros)}E{exponent}" : $"{digits}e{exponent}";
        }
    }

    private sealed record Text(string Content) : Value
    {
        public override string Canonical => JsonSerializer.Serialize(Content);

        public override string Write(Random? random) => random?.Next(2) == 1
            ? $"\"{string.Concat(Content.Select(c => $"\\u{(int)c:x4}"))}\""
            : Canonical;
    }

    private sealed record List(Value[] Items) : Value
    {
        public override string Canonical => $"[{string.Join(',', Items.Select(i => i.Canonical))}]";

        public override string Write(Random? random) => $"[{string.Join(',', Items.Select(i => Space(random) + i.Write(random)))}{Space(random)}]";
    }

    private sealed record Object((string Name, Value Value)[] Members) : Value
    {
        public override string Canonical =>
            $"{{{string.Join(',', Members.OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => $"{new Text(m.Name).Canonical}:{m.Value.Canonical}"))}}}";

        public override string Write(Random? random)
        {
            var members = Members.ToArray();
            random?.Shuffle(members);
            return $"{{{string.Join(',', members.Select(m => $"{Space(random)}{new Text(m.Name).Write(random)}{Space(random)}:{m.Value.Write(random)}"))}}}";
        }
    }
}
