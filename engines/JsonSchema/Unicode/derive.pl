#!/usr/bin/env perl
# Derives the tables of this folder from the Unicode Character Database that comes with perl. Run: perl derive.pl
# A line is: name, colon, code point ranges in hexadecimal, each as the gap since the last range and the length minus one.
use strict;
use warnings;
use Unicode::UCD qw(prop_invlist prop_value_aliases prop_values prop_aliases);
use Unicode::Normalize qw(NFC NFKC);

sub ranges {
    my @inversions = grep { $_ < 0x110000 } @_;
    push @inversions, 0x110000 if @inversions % 2;
    my ($last, @parts) = (0);
    while (@inversions) {
        my ($first, $next) = splice @inversions, 0, 2;
        my ($gap, $more) = ($first - $last, $next - $first - 1);
        push @parts, $more ? sprintf('%x.%x', $gap, $more) : sprintf('%x', $gap);
        $last = $next;
    }
    return join ',', @parts;
}

sub inversions {
    my $test = shift;
    my ($in, @list) = (0);
    for my $code (0 .. 0x10FFFF) {
        my $now = $test->($code) ? 1 : 0;
        push @list, $code if $now != $in;
        $in = $now;
    }
    push @list, 0x110000 if $in;
    return @list;
}

sub write_table {
    my ($file, $what, @lines) = @_;
    open my $out, '>', $file or die "$file: $!";
    print $out "# $what, Unicode ", Unicode::UCD::UnicodeVersion(), ". Made by derive.pl.\n", map { "$_\n" } @lines;
    close $out;
}

# Properties of ECMA-262 tables 67 to 69 beyond the general categories, which .NET knows itself.
my @properties;
for my $property (qw(Script Script_Extensions)) {
    my $prefix = $property eq 'Script' ? 'sc' : 'scx';
    for my $value (sort(prop_values($property))) {
        my ($short, $full, @others) = prop_value_aliases($property, $value);
        my @list = prop_invlist("$property=$value");
        push @properties, join('|', map { "$prefix=$_" } ($full, $short, @others)) . ':' . ranges(@list) if @list;
    }
}
for my $property (qw(ASCII_Hex_Digit Alphabetic Bidi_Control Bidi_Mirrored Case_Ignorable Cased Changes_When_Casefolded
    Changes_When_Casemapped Changes_When_Lowercased Changes_When_NFKC_Casefolded Changes_When_Titlecased Changes_When_Uppercased
    Dash Default_Ignorable_Code_Point Deprecated Diacritic Emoji Emoji_Component Emoji_Modifier Emoji_Modifier_Base
    Emoji_Presentation Extended_Pictographic Extender Grapheme_Base Grapheme_Extend Hex_Digit IDS_Binary_Operator
    IDS_Trinary_Operator ID_Continue ID_Start Ideographic Join_Control Logical_Order_Exception Lowercase Math
    Noncharacter_Code_Point Pattern_Syntax Pattern_White_Space Quotation_Mark Radical Regional_Indicator Sentence_Terminal
    Soft_Dotted Terminal_Punctuation Unified_Ideograph Uppercase Variation_Selector White_Space XID_Continue XID_Start)) {
    my ($short, $full) = prop_aliases($property);
    push @properties, join('|', $full, $short eq $full ? () : $short) . ':' . ranges(prop_invlist($property));
}
write_table('properties.txt', 'Scripts and binary properties', @properties);

# What IDNA2008 asks of a code point: RFC 5892 section 3 (derived property), RFC 5893 (bidi), RFC 5892 appendix A (joining).
my %exception;
$exception{$_} = 'PVALID' for (0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007);
$exception{$_} = 'CONTEXT' for (0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB, 0x660 .. 0x669, 0x6F0 .. 0x6F9);
$exception{$_} = 'DISALLOWED' for (0x640, 0x7FA, 0x302E, 0x302F, 0x3031 .. 0x3035, 0x303B);

sub is_valid {
    my $code = shift;
    return $exception{$code} ne 'DISALLOWED' if exists $exception{$code};
    return 1 if $code == 0x200C || $code == 0x200D;
    return 0 if $code >= 0xD800 && $code <= 0xDFFF;
    my $char = chr $code;
    return 0 if $char =~ /\p{Unassigned}/;
    return 1 if $char =~ /^[-0-9a-z]$/;
    return 0 if NFKC(CORE::fc(NFKC($char))) ne $char;
    return 0 if $char =~ /\p{Default_Ignorable_Code_Point}|\p{White_Space}|\p{Noncharacter_Code_Point}/;
    return 0 if $char =~ /\p{Hangul_Syllable_Type=L}|\p{Hangul_Syllable_Type=V}|\p{Hangul_Syllable_Type=T}/;
    return 0 if $char =~ /[\x{20D0}-\x{20FF}\x{1D100}-\x{1D1FF}\x{1D200}-\x{1D24F}]/;
    return $char =~ /[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]/;
}

no warnings;
my @idna = ('Valid:' . ranges(inversions(\&is_valid)));
push @idna, "Bidi_$_:" . ranges(prop_invlist("Bidi_Class=$_")) for qw(L R AL AN EN ES CS ET ON BN NSM);
push @idna, "Joining_$_:" . ranges(prop_invlist("Joining_Type=$_")) for qw(L R D T);
push @idna, 'Virama:' . ranges(prop_invlist('Canonical_Combining_Class=9'));
# RFC 5891 section 4.1 wants NFC. Composes_x: the characters that x, put behind them, would merge with.
my %merged;
for my $code (0 .. 0x10FFFF) {
    next if $code >= 0xAC00 && $code <= 0xDFFF;
    my @parts = unpack 'W*', Unicode::Normalize::getCanon($code) // next;
    next if @parts < 2 || NFC(chr $code) ne chr $code;
    my $last = pop @parts;
    my $first = NFC(pack 'W*', @parts);
    push @{ $merged{$last} }, ord $first if length $first == 1;
}
push @idna, sprintf('Composes_%X:', $_) . ranges(map { ($_, $_ + 1) } sort { $a <=> $b } @{ $merged{$_} }) for sort { $a <=> $b } keys %merged;
write_table('idna.txt', 'Properties for internationalized domain names', @idna);
